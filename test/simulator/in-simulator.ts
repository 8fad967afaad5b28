import { simulatedBench } from "@dynreg/cli/internal/conformance/simulated-bench";
import { startConductor } from "@dynreg/conformance/internal/coordinator/conductor";
import type { Result } from "@dynreg/conformance/internal/coordinator/result";
import { runCases } from "@dynreg/conformance/internal/coordinator/run";
import { type RunningWorld, startWorld } from "@dynreg/conformance/internal/coordinator/world";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { type Place, thisMachine } from "@dynreg/conformance/internal/peers/servers";

/** Has a board in the simulator do cases, each with so many milliseconds of patience. */
export type Try = (cases: readonly DeviceCase[], patience: number) => Promise<ReadonlyMap<string, Result>>;

export interface Setting {
	/** The image has a machine of the size of an ESP8266's. */
	readonly isSmall?: boolean;
	/** Where its servers are. Default: localhost. */
	readonly place?: Place;
}

/** One bench, one world, and what is tried there. */
export async function inSimulator(
	image: string,
	{ isSmall = false, place = thisMachine }: Setting,
	work: (attempt: Try, world: RunningWorld) => Promise<void>,
): Promise<void> {
	const world = await startWorld(place, (file) => file);
	const conductor = await startConductor(place.address);
	const bench = await simulatedBench(image, { conductor: conductor.url, sntp: world.sntp }, isSmall);
	try {
		await work(async (cases, patience) => {
			const results = await runCases({ bench, conductor, world, cases, patience });
			return new Map(results.map((each) => [each.name, each]));
		}, world);
	} finally {
		await bench.close();
		await conductor.close();
		await world.close();
	}
}
