import {
	type FleetScenario,
	leastSeconds,
	peakConnections,
	type SimulationResult,
	secondsUntilOnline,
} from "./simulation.js";

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
	/** The same after the first ten seconds. */
	readonly laterPeak: number;
	/** Seconds since the end of the outage until these percentages of the boards were online; absent: never. */
	readonly p50?: number;
	readonly p95?: number;
	readonly p99?: number;
	readonly p100?: number;
	/** Seconds until all boards could be online. */
	readonly least: number;
	/** Connections a board that came to nothing: while nobody answered, and turned away by the cloud. */
	readonly unanswered: number;
	readonly turnedAway: number;
	/** The cloud's price of the handshakes, in full ones a board. */
	readonly handshakes: number;
	readonly online: number;
	readonly gaveUp: number;
	readonly trying: number;
}

const percentages = [50, 95, 99, 100] as const;

export function reportRows({ scenario, outcomes }: ScenarioResult, boards: number): ReportRow[] {
	const aBoard = (count: number) => Math.round((count / boards) * 100) / 100;
	return outcomes.map((outcome) => {
		const times = percentages.flatMap((percentage) => {
			const second = secondsUntilOnline(percentage / 100, outcome, boards);
			return second === undefined ? [] : [[`p${percentage}`, Math.max(0, second - scenario.outage)]];
		});
		return {
			scenario: scenario.name,
			policy: outcome.policy,
			peak: peakConnections(outcome),
			laterPeak: peakConnections(outcome, 10),
			...Object.fromEntries(times),
			least: leastSeconds(scenario, boards),
			unanswered: aBoard(outcome.unanswered),
			turnedAway: aBoard(outcome.turnedAway),
			handshakes: aBoard(outcome.handshakes),
			online: outcome.online.at(-1) ?? 0,
			gaveUp: outcome.gaveUp,
			trying: outcome.trying,
		};
	});
}

/** In Markdown. */
export function reportTable(all: readonly ReportRow[]): string {
	const time = (seconds: number | undefined) =>
		seconds === undefined ? "never" : `${Math.round(seconds).toLocaleString("en")} s`;
	return [
		"| scenario | policy | most connections a second | after 10 s | 50 % online after | 95 % | 99 % | 100 % | least | 99 % / least | unanswered a board | turned away a board | handshakes a board | gave up |",
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
		...all.map((row) =>
			[
				"",
				row.scenario,
				row.policy,
				row.peak.toLocaleString("en"),
				row.laterPeak.toLocaleString("en"),
				...[row.p50, row.p95, row.p99, row.p100, row.least].map(time),
				row.p99 === undefined ? "–" : (row.p99 / row.least).toFixed(2),
				...[row.unanswered, row.turnedAway, row.handshakes].map((count) => count.toFixed(1)),
				row.gaveUp.toLocaleString("en"),
				"",
			]
				.join(" | ")
				.trim(),
		),
	].join("\n");
}
