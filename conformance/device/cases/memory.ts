import { frozen } from "../../contract/cases/frozen.js";
import { secure } from "../../contract/cases/requests.js";
import type { DeviceCase } from "../device-case.js";

/** What the desktop measures while the board rests (`Device.rest`). */
export const memory: readonly DeviceCase[] = frozen([
	{
		name: "memory: before, during and after a session over TLS",
		needs: ["servers"],
		fresh: true,
		lives: [
			async (device, { servers }) => {
				const { host } = device;
				const endpoint = { ...secure(servers), port: servers.mqtts };
				const options = { endpoint, clientId: "memory", username: "u", keepAlive: 60 };
				const events = { message() {}, closed() {} };
				// What is made once, is made by the first.
				for (const phase of ["first", "during"]) {
					if (phase === "during") await device.rest("before");
					const connection = await host.mqtt.connect(options, events, 15_000);
					if (phase === "during") await device.rest("during");
					connection.close();
					await host.timers.sleep(500);
				}
				await device.rest("after");
			},
		],
	},
]);
