/** Requests to the administration. */

/** What the administration says is wrong, in a sentence. */
export class RequestError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

let token: Promise<string> | undefined;

/** @throws RequestError */
export async function get<Result>(path: string, signal?: AbortSignal): Promise<Result> {
	return (await send("GET", path, undefined, {}, signal)) as Result;
}

/** Changes something, or asks for a secret. @throws RequestError */
export async function change<Result = void>(
	method: "PUT" | "POST" | "DELETE",
	path: string,
	body?: unknown,
): Promise<Result> {
	token ??= readToken();
	try {
		return (await send(method, path, body, { "X-Dynreg-Token": await token })) as Result;
	} catch (error) {
		if (!(error instanceof RequestError && error.status === 403)) throw error;
		// The cloud was started again.
		token = readToken();
		return (await send(method, path, body, { "X-Dynreg-Token": await token })) as Result;
	}
}

async function readToken(): Promise<string> {
	return (await get<{ token: string }>("/session")).token;
}

async function send(
	method: string,
	path: string,
	body: unknown,
	headers: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<unknown> {
	let response: Response;
	try {
		response = await fetch(path, {
			method,
			headers: { Accept: "application/json", ...headers },
			...(body !== undefined && { body: JSON.stringify(body) }),
			...(signal && { signal }),
		});
	} catch (error) {
		if (signal?.aborted) throw error;
		throw new RequestError(0, "The local cloud does not respond. Is it still running?");
	}
	const text = await response.text();
	const value: unknown = text === "" ? undefined : JSON.parse(text);
	if (response.ok) return value;
	const { error } = Object(value) as { error?: unknown };
	throw new RequestError(response.status, typeof error === "string" ? error : `HTTP ${response.status}.`);
}

/** @returns the path of a product, or of something below it */
export function productPath(platform: string, id: string, ...more: readonly string[]): string {
	return ["/products", ...[platform, id, ...more].map(encodeURIComponent)].join("/");
}

export function query(values: Readonly<Record<string, string | number | undefined>>): string {
	const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
	return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}
