import { type FleetScenario, peakConnections, type SimulationResult, secondsUntilOnline } from "./simulation.js";

/** What became of the fleet in one scenario, policy by policy; the project's own is the first. */
export interface ScenarioResult {
	readonly scenario: FleetScenario;
	readonly outcomes: readonly SimulationResult[];
}

/** Numbers of one policy in one scenario. */
export interface ReportRow {
	readonly scenario: string;
	readonly policy: string;
	/** Connections a second. */
	readonly peak: number;
	/** Seconds since the last response; absent: never. */
	readonly half?: number;
	readonly most?: number;
	/** Connections that came to nothing, a board. */
	readonly wasted: number;
	readonly online: number;
	readonly gaveUp: number;
	readonly trying: number;
}

export function reportRows({ scenario, outcomes }: ScenarioResult, boards: number): ReportRow[] {
	return outcomes.map((outcome) => {
		const since = (share: number) => {
			const second = secondsUntilOnline(share, outcome, boards);
			return second === undefined ? undefined : Math.max(0, second - scenario.outage);
		};
		const [half, most] = [since(0.5), since(0.99)];
		return {
			scenario: scenario.name,
			policy: outcome.policy,
			peak: peakConnections(outcome),
			...(half === undefined ? {} : { half }),
			...(most === undefined ? {} : { most }),
			wasted: Math.round((outcome.wasted / boards) * 100) / 100,
			online: outcome.online.at(-1) ?? 0,
			gaveUp: outcome.gaveUp,
			trying: outcome.trying,
		};
	});
}

/** In Markdown. */
export function reportTable(all: readonly ReportRow[]): string {
	const time = (seconds: number | undefined) => (seconds === undefined ? "never" : `${seconds.toLocaleString("en")} s`);
	return [
		"| scenario | policy | most connections a second | 50 % online after | 99 % online after | wasted a board | gave up |",
		"| --- | --- | ---: | ---: | ---: | ---: | ---: |",
		...all.map(
			({ scenario, policy, peak, half, most, wasted, gaveUp }) =>
				`| ${scenario} | ${policy} | ${peak.toLocaleString("en")} | ${time(half)} | ${time(most)} | ${wasted.toFixed(1)} | ${gaveUp.toLocaleString("en")} |`,
		),
	].join("\n");
}
