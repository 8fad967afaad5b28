import type { Endpoint, Host, HttpReply, HttpRequest } from "dynreg/contracts/host";
import type { Servers } from "./case.js";
import { equal } from "./expect.js";

export function plain(servers: Servers): Endpoint {
	return { secure: false, host: servers.name, port: servers.http, trust: [] };
}

export function secure(servers: Servers): Endpoint {
	return { secure: true, host: servers.name, port: servers.https, trust: [servers.ca] };
}

export function get(endpoint: Endpoint, path: string): HttpRequest {
	return { endpoint, method: "GET", path, headers: [], body: "", maxReplyBytes: 4096 };
}

/** The body of a GET as text. */
export async function text(host: Host, endpoint: Endpoint, path: string): Promise<string> {
	const reply: HttpReply = await host.http.request(get(endpoint, path), 5000);
	equal(reply.status, 200, `status of ${path}`);
	return host.crypto.text(reply.body);
}
