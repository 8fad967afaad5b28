/** A request that cannot be carried out. `message` says what to do instead. */
export class AdminError extends Error {
	/** HTTP status: 400 malformed, 403 a foreign web page, 404 not found, 409 impossible in this state, 503 the state file cannot be written. */
	readonly status: 400 | 403 | 404 | 409 | 503;

	constructor(status: 400 | 403 | 404 | 409 | 503, message: string) {
		super(message);
		this.status = status;
	}
}
