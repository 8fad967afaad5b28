import { clouds, configuredDevice } from "dynreg/clouds";
import type { CloudName } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host } from "dynreg/contracts/host";
import type { Session } from "dynreg/contracts/session";
import { openVault } from "dynreg/credential-store/vault";
import { type Configuration, start } from "dynreg/start";
import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectEqual } from "../../contract/cases/expect.js";
import type { DeviceCase } from "../device-case.js";
import { wipe } from "./wipe.js";

/** The firmware itself, against the local cloud. */
export const online: readonly DeviceCase[] = deepFreeze((Object.keys(clouds) as CloudName[]).map(onlineAt));

function onlineAt(platform: CloudName): DeviceCase {
	// What is captured is constant, as in all cases: else it would take memory in an image.
	const cloud = platform;
	return {
		name: `online: ${cloud}: registers once, then connects after a power cycle`,
		needs: [cloud],
		freshBoard: true,
		...(cloud === "aws" && { notOnEsp8266: "its flash has no room for certificates" }),
		...(cloud === "azure" && { notOnEsp8266: "an image with all clouds does not fit" }),
		durations: ["first boot to online", "power cycle to online"],
		runs: [
			({ host }, world) => {
				// Of an earlier run, whose cloud is no more.
				wipe(host, identityOf(host, world[cloud]));
				return boot(host, world[cloud]);
			},
			({ host }, world) => boot(host, world[cloud]),
			async ({ host }, world) => wipe(host, identityOf(host, world[cloud])),
		],
	};
}

/** Nothing waits for the firmware, as in `src/main.ts`, and little is kept: an ESP8266 has no memory for more. */
function boot(host: Host, configuration: RawConfiguration): Promise<void> {
	const { identity, proposal } = configuredDevice(configuration, host.crypto, undefined);
	const writes = proposal ? 3 : 2;
	return start(host, configuration as Configuration, close).then(() => {
		// Written when a credential was proposed, when it was registered and when it was first accepted, and not since.
		expectEqual(openVault(host.storage, host.crypto, identity).load()?.generation, writes, "generation in flash");
	});
}

/** The application: it is online, and that is all. */
async function close(session: Session): Promise<void> {
	session.close();
}

function identityOf({ crypto }: Host, configuration: RawConfiguration): string {
	return configuredDevice(configuration, crypto, undefined).identity;
}
