/**
 * `net` as it behaves on a chip: SDK modules/network/net/esp/modResolve.c (8.2.3). One name is looked up at a time,
 * literals too, and those behind it wait, whether anybody still wants the first or not.
 */

import { chip, type Found } from "dynreg-test/chip/chip";
import { lookUp } from "dynreg-test/chip/lookup";
import SimulatorNet from "simulator/net";
import Timer from "timer";

export default Object.freeze({
	get: (...what: readonly string[]): unknown => (SimulatorNet.get as (...what: readonly string[]) => unknown)(...what),

	/** `xs_net_resolve` */
	resolve(name: string, found: Found): void {
		if (chip().lookups.push([name, found]) === 1) resolveNext();
	},
});

/** `resolveNext`; `resolvedImmediate` calls back first and begins with the next one then. */
const resolveNext = (): void => {
	const { lookups } = chip();
	const [name, found] = lookups[0] ?? [];
	if (name === undefined || found === undefined) return;
	lookUp(name, (address) =>
		Timer.set(() => {
			found(name, address);
			lookups.shift();
			resolveNext();
		}),
	);
};
