import { fails, holds } from "../../contract/cases/expect.js";
import { frozen } from "../../contract/cases/frozen.js";
import type { DeviceCase } from "../device-case.js";

/** What only a host with resources in its image has. */
export const resources: readonly DeviceCase[] = frozen([
	{
		name: "resource: an authority is named with or without its ending, and stands beside others",
		needs: ["servers"],
		lives: [
			async ({ host }, { servers }) => {
				const ask = (...trust: string[]) => {
					const endpoint = { secure: true, host: servers.name, port: servers.https, trust };
					const request = {
						endpoint,
						method: "GET",
						path: "/echo",
						headers: [],
						body: "",
						maxReplyBytes: 500,
					} as const;
					return host.http.request(request, 5000);
				};
				for (const name of ["ca106", "ca106.der"]) {
					await ask(name, servers.ca);
					const failure = await fails(() => ask(name), "register", "certificate-untrusted");
					holds(!failure.message.includes(name), `${name} can be read (${failure.message})`);
				}
			},
		],
	},
]);
