import { readConfiguration } from "dynreg/platform/configuration";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Milliseconds } from "../../../../modules/contracts/host.js";

/** What the simulated board's clock is to read instead of the computer's: `now`, UTC in milliseconds since 1970. */
export const clockAtPowerUp = (): Milliseconds | undefined => {
	const { now }: RawConfiguration = readConfiguration();
	return typeof now === "number" ? now : undefined;
};
