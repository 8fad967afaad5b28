import type { Endpoint, Host, HttpRequest, HttpResponse } from "dynreg/contracts/host";
import type { Servers } from "./case.js";
import { expectEqual } from "./expect.js";

export function httpEndpoint(servers: Servers): Endpoint {
	return { secure: false, host: servers.name, port: servers.http, trust: [] };
}

export function httpsEndpoint(servers: Servers): Endpoint {
	return { secure: true, host: servers.name, port: servers.https, trust: [servers.ca] };
}

export function getRequest(endpoint: Endpoint, path: string): HttpRequest {
	return { endpoint, method: "GET", path, headers: [], body: "", maxResponseBytes: 4096 };
}

/** The body of a GET as text. */
export async function getText(host: Host, endpoint: Endpoint, path: string): Promise<string> {
	const reply: HttpResponse = await host.http.request(getRequest(endpoint, path), 5000);
	expectEqual(reply.status, 200, `status of ${path}`);
	return host.crypto.text(reply.body);
}
