import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { sleep } from "../../contract/cases/expect.js";
import { httpsEndpoint } from "../../contract/cases/requests.js";
import type { DeviceCase } from "../device-case.js";

/** What the desktop measures while the board rests (`Device.rest`). */
export const memory: readonly DeviceCase[] = deepFreeze([
	{
		name: "memory: before, during and after a session over TLS",
		needs: ["servers"],
		freshBoard: true,
		runs: [
			async (device, { servers }) => {
				const { host } = device;
				const endpoint = { ...httpsEndpoint(servers), port: servers.mqtts };
				const options = { endpoint, clientId: "memory", username: "u", keepAlive: 60 };
				const events = { message() {}, closed() {} };
				// What is made once, is made by the first.
				for (const phase of ["first", "during"]) {
					if (phase === "during") await device.measureMemory("before");
					const connection = await host.mqtt.connect(options, events, 15_000);
					if (phase === "during") await device.measureMemory("during");
					connection.close();
					await sleep(host.timers, 500);
				}
				await device.measureMemory("after");
				await sleep(host.timers, 1000);
				await device.measureMemory("with a TLS session to resume");
				// What the next connection would resume (hosts/moddable/tls/handshake.ts).
				(globalThis as { dynregTlsSession?: unknown }).dynregTlsSession = undefined;
				await device.measureMemory("without a TLS session to resume");
			},
		],
	},
]);
