import { simulatedTarget } from "@dynreg/cli/internal/conformance/simulated-target";
import { type RunningFixture, startFixture } from "@dynreg/conformance/internal/coordinator/fixture";
import type { CaseResult } from "@dynreg/conformance/internal/coordinator/result";
import { runCases } from "@dynreg/conformance/internal/coordinator/run-cases";
import { startTestCoordinator } from "@dynreg/conformance/internal/coordinator/test-coordinator";
import type { DeviceCase } from "@dynreg/conformance/internal/device/device-case";
import { type TestAddress, thisMachine } from "@dynreg/conformance/internal/peers/servers";

/** Has a board in the simulator do cases, each with so many milliseconds of patience. */
export type RunTargetCases = (
	cases: readonly DeviceCase[],
	patience: number,
) => Promise<ReadonlyMap<string, CaseResult>>;

export interface SimulatorOptions {
	/** The image has a machine of the size of an ESP8266's. */
	readonly isSmall?: boolean;
	/** Where its servers are. Default: localhost. */
	readonly testServer?: TestAddress;
}

/** One bench, one world, and what is tried there. */
export async function inSimulator(
	image: string,
	{ isSmall = false, testServer = thisMachine }: SimulatorOptions,
	work: (attempt: RunTargetCases, world: RunningFixture) => Promise<void>,
): Promise<void> {
	const fixture = await startFixture(testServer, (file) => file);
	const coordinator = await startTestCoordinator(testServer.address);
	const target = await simulatedTarget(image, { coordinator: coordinator.url, sntp: fixture.sntp }, isSmall);
	try {
		await work(async (cases, timeout) => {
			const results = await runCases({ target, coordinator, fixture, cases, timeout });
			return new Map(results.map((each) => [each.name, each]));
		}, fixture);
	} finally {
		await target.close();
		await coordinator.close();
		await fixture.close();
	}
}
