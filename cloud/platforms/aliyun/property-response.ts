/** @returns the platform's response, in JSON, to properties that a device posts */
export function propertyResponse(payload: Buffer): string {
	const post = read(payload);
	const id = post && (typeof post.id === "string" || typeof post.id === "number") ? post.id : "";
	const fault = !post
		? "the payload is not a JSON object"
		: typeof post.params !== "object" || post.params === null
			? '"params" is missing, an object'
			: undefined;
	return JSON.stringify({
		code: fault === undefined ? 200 : 460,
		data: {},
		id,
		message: fault ?? "success",
		method: "thing.event.property.post",
		version: "1.0",
	});
}

function read(payload: Buffer): { readonly id?: unknown; readonly params?: unknown } | undefined {
	try {
		const post: unknown = JSON.parse(payload.toString("utf8"));
		return typeof post === "object" && post !== null ? post : undefined;
	} catch {
		return undefined;
	}
}
