import { start } from "dynreg/start";
import type { Configuration } from "../../../modules/contracts/cloud.js";
import type { BoardEvent } from "../../../modules/contracts/event.js";
import { equal } from "../../host/cases/expect.js";
import type { Device, DeviceCase, Measured } from "../device-case.js";

/** The firmware itself, against the local cloud. */
export const online: readonly DeviceCase[] = (["tencent", "aliyun"] as const).map(
	(cloud): DeviceCase => ({
		name: `online: ${cloud}: a board registers, is online, and after a power cycle is online without registering`,
		needs: [cloud],
		fresh: true,
		lives: [
			async (device, world) => measured(await boot(device, world[cloud]), "first boot", true),
			async (device, world) => measured(await boot(device, world[cloud]), "power cycle", false),
		],
	}),
);

interface Boot {
	/** Milliseconds from the firmware's start until it is online. */
	readonly took: number;
	readonly registered: boolean;
}

async function boot({ host }: Device, configuration: Configuration): Promise<Boot> {
	const began = host.clock.ticks();
	let took = 0;
	let registered = false;
	const log = (event: BoardEvent) => {
		if (event.event === "registered") registered = true;
		host.log(event);
	};
	await start({ ...host, log }, configuration, async (session) => {
		took = host.clock.ticks() - began;
		session.close();
	});
	return { took, registered };
}

function measured({ took, registered }: Boot, what: string, registers: boolean): Measured {
	equal(registered, registers, "registered");
	return { [`${what} to online, ms`]: took };
}
