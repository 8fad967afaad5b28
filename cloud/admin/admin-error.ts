/** A request that cannot be carried out. `message` says what to do instead. */
export class AdminError extends Error {
	/** HTTP status: 400 malformed, 404 not found, 409 impossible in this state. */
	readonly status: 400 | 404 | 409;

	constructor(status: 400 | 404 | 409, message: string) {
		super(message);
		this.status = status;
	}
}
