import { setTimeout as sleep } from "node:timers/promises";
import type { DeviceCase, Measurements, Report } from "../device/device-case.js";
import type { RunningFixture } from "./fixture.js";
import { Meters } from "./meters.js";
import type { CaseResult } from "./result.js";
import type { PoweredBoard, Target } from "./target.js";
import type { AssignmentRequest, TestCoordinator } from "./test-coordinator.js";

export interface RunCasesOptions {
	readonly target: Target;
	readonly coordinator: TestCoordinator;
	readonly fixture: RunningFixture;
	readonly cases: readonly DeviceCase[];
	/** Milliseconds that one run of a case may take. */
	readonly timeout: number;
	/** Hears of each case when it is over. */
	onResult?(result: CaseResult, index: number): void;
	/** Hears of each line that the board traces. */
	onLine?(line: string): void;
}

/** Milliseconds: what a board says comes by another way than what it asks, and may come later. */
const traceDelay = 200;

/** Boards in a row that do not even ask for something to do, after which trying more makes no sense. */
const maxBootFailures = 3;

/**
 * Has the board do one case after another. A case that does not come to its end, for whatever reason, has failed, and
 * the next one begins with a board that has been switched on anew.
 *
 * @throws Error when the bench does not work, or the board never asks for anything
 */
export async function runCases(run: RunCasesOptions): Promise<readonly CaseResult[]> {
	const results: CaseResult[] = [];
	const slot = new Slot(run);
	try {
		for (const each of run.cases) {
			const result = await runCase(slot, run, each);
			results.push(result);
			run.onResult?.(result, results.length - 1);
		}
		return results;
	} finally {
		await slot.powerOff();
	}
}

async function runCase(
	slot: Slot,
	{ target, fixture, timeout }: RunCasesOptions,
	each: DeviceCase,
): Promise<CaseResult> {
	const { name, runs, needs = [], freshBoard, durations = [] } = each;
	if (target.isSmall && each.notOnEsp8266 !== undefined)
		return { name, outcome: "skipped", reason: each.notOnEsp8266, duration: 0, measurements: {} };
	if (freshBoard) await slot.powerOff();
	const meters = new Meters();
	const done: Report[] = [];
	let reason: string | undefined;
	for (let run = 0; run < runs.length && reason === undefined; run++) {
		if (run > 0) await slot.powerOff();
		const assignment = { case: name, run, ...fixture.dataFor(needs) };
		const report = await slot.runAssignment(assignment, timeout, meters);
		done.push(report);
		if (report.error !== undefined) reason = runs.length > 1 ? `run ${run + 1}: ${report.error}` : report.error;
	}
	// What a case has left undone is nothing that the next one should find.
	if (reason !== undefined) await slot.powerOff();
	const measuredIn = ({ error, duration, measurements }: Report, run: number) => {
		const what = durations[run];
		return what === undefined || error !== undefined ? measurements : { ...measurements, [`${what}, ms`]: duration };
	};
	const { peakMemory } = meters;
	return {
		name,
		outcome: reason === undefined ? "passed" : "failed",
		...(reason === undefined ? {} : { reason }),
		duration: done.reduce((sum, { duration = 0 }) => sum + duration, 0),
		measurements: Object.assign({}, ...done.map(measuredIn), meters.phases()) as Measurements,
		...(peakMemory === undefined ? {} : { memory: peakMemory }),
	};
}

/** The place on the bench: one board at a time, which has done what it was told and asks for more, or none. */
class Slot {
	readonly #run: RunCasesOptions;
	#board: PoweredBoard | undefined;
	#request: AssignmentRequest | undefined;
	#bootFailures = 0;
	/** The last lines of the trace: what a board said before it fell silent. */
	#lastLines: string[] = [];
	#meters = new Meters();
	#onPowerCutRequest = () => {};

	constructor(run: RunCasesOptions) {
		this.#run = run;
	}

	/** Does one run of a case. Never throws for what the board does. */
	async runAssignment(assignment: Report, timeout: number, meters: Meters): Promise<Report> {
		if (this.#board === undefined) {
			const trouble = await this.#boot();
			if (trouble !== undefined) return { ...assignment, error: trouble };
		}
		this.#meters = meters;
		this.#lastLines = [];
		const began = performance.now();
		const over = (error?: string): Report => ({
			...assignment,
			duration: Math.round(performance.now() - began),
			...(error === undefined ? {} : { error }),
		});
		const cut = new Promise<"cut">((resolve) => {
			this.#onPowerCutRequest = () => resolve("cut");
		});
		const deadline = startDeadline(timeout);
		try {
			for (;;) {
				this.#request?.respond(assignment);
				this.#request = undefined;
				const came = await this.#wait(deadline, cut);
				if (came === "cut") {
					await this.powerOff();
					return over();
				}
				if (typeof came === "string") {
					await this.powerOff();
					return over(this.#withLastLines(came === "late" ? `timeout: no end within ${timeout / 1000} s` : came));
				}
				const { report } = came;
				this.#request = came;
				if (report.case === undefined) {
					await sleep(traceDelay);
					return over(this.#withLastLines("the board restarted during the case"));
				}
				// The answer to an earlier report may have been lost: it is given again.
				if (report.case === assignment.case && report.run === assignment.run) return report;
			}
		} finally {
			deadline.clear();
			this.#onPowerCutRequest = () => {};
		}
	}

	/** Cuts the board's power, if there is one. */
	async powerOff(): Promise<void> {
		const board = this.#board;
		this.#board = undefined;
		this.#request = undefined;
		await board?.powerOff();
		this.#run.coordinator.forget();
	}

	/** @returns why there is no board that asks for something to do; undefined if there is one */
	async #boot(): Promise<string | undefined> {
		const { target } = this.#run;
		this.#lastLines = [];
		this.#board = await target.switchOn({
			onLine: (line) => this.#onLine(line),
			onMeters: (meters) => this.#meters.read(meters),
		});
		const deadline = startDeadline(target.bootTimeout);
		try {
			const came = await this.#wait(deadline, new Promise(() => {}));
			if (typeof came !== "string") {
				this.#request = came;
				this.#bootFailures = 0;
				return undefined;
			}
			await this.powerOff();
			const what = came === "late" ? `no request within ${target.bootTimeout / 1000} s` : came;
			const trouble = this.#withLastLines(`The board does not start: ${what}`);
			if (++this.#bootFailures === maxBootFailures)
				throw new Error(
					`${trouble}. The board did not start ${maxBootFailures} times in a row. Check its power, its cable and its network.`,
				);
			return trouble;
		} finally {
			deadline.clear();
		}
	}

	/** What comes first: the board's next question, its end, its wish for a power cut, or the deadline. */
	async #wait(deadline: Deadline, cut: Promise<"cut">): Promise<AssignmentRequest | string> {
		const ending = new AbortController();
		const ended = this.#board?.ended ?? new Promise<never>(() => {});
		try {
			const question = this.#run.coordinator.next(ending.signal);
			question.catch(() => {});
			return await Promise.race([question, ended, cut, deadline.expired]);
		} finally {
			ending.abort();
		}
	}

	#onLine(line: string): void {
		this.#run.onLine?.(line);
		if (line.startsWith('{"powerCut":')) this.#onPowerCutRequest();
		else if (line.startsWith('{"phase":')) this.#meters.phase(JSON.parse(line).phase);
		else if (line.trim() !== "") this.#lastLines = [...this.#lastLines, line].slice(-3);
	}

	#withLastLines(what: string): string {
		return this.#lastLines.length === 0 ? what : `${what}; the last lines of its log: ${this.#lastLines.join(" / ")}`;
	}
}

interface Deadline {
	readonly expired: Promise<"late">;
	clear(): void;
}

function startDeadline(milliseconds: number): Deadline {
	let timer: NodeJS.Timeout | undefined;
	const expired = new Promise<"late">((resolve) => {
		timer = setTimeout(() => resolve("late"), milliseconds);
	});
	return { expired, clear: () => clearTimeout(timer) };
}
