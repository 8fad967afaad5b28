import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectFailure, expectTrue } from "../../contract/cases/expect.js";
import type { DeviceCase } from "../device-case.js";

/** What only a host with resources in its image has. */
export const resources: readonly DeviceCase[] = deepFreeze([
	{
		name: "resource: a CA is named with or without its ending, beside others",
		needs: ["servers"],
		runs: [
			async ({ host }, { servers }) => {
				const ask = (...trust: string[]) => {
					const endpoint = { secure: true, host: servers.name, port: servers.https, trust };
					const request = {
						endpoint,
						method: "GET",
						path: "/echo",
						headers: [],
						body: "",
						maxResponseBytes: 500,
					} as const;
					return host.http.request(request, 5000);
				};
				for (const name of ["ca106", "ca106.der"]) {
					await ask(name, servers.ca);
					const failure = await expectFailure(() => ask(name), "register", "certificate-untrusted");
					expectTrue(!failure.message.includes(name), `${name} can be read (${failure.message})`);
				}
			},
		],
	},
]);
