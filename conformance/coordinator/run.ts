import { setTimeout as sleep } from "node:timers/promises";
import type { DeviceCase, Measured, Report } from "../device/device-case.js";
import type { Bench, LiveBoard } from "./bench.js";
import type { Conductor, Question } from "./conductor.js";
import { Meters } from "./meters.js";
import type { Result } from "./result.js";
import type { RunningWorld } from "./world.js";

export interface Run {
	readonly bench: Bench;
	readonly conductor: Conductor;
	readonly world: RunningWorld;
	readonly cases: readonly DeviceCase[];
	/** Milliseconds that one life of a case may take. */
	readonly patience: number;
	/** Hears of each case when it is over. */
	onResult?(result: Result, index: number): void;
	/** Hears of each line that the board traces. */
	onLine?(line: string): void;
}

/** Milliseconds: what a board says comes by another way than what it asks, and may come later. */
const traceDelay = 200;

/** Boards in a row that do not even ask for something to do, after which trying more makes no sense. */
const mostDead = 3;

/**
 * Has the board do one case after another. A case that does not come to its end, for whatever reason, has failed, and
 * the next one begins with a board that has been switched on anew.
 *
 * @throws Error when the bench does not work, or the board never asks for anything
 */
export async function runCases(run: Run): Promise<readonly Result[]> {
	const results: Result[] = [];
	const seat = new Seat(run);
	try {
		for (const each of run.cases) {
			const result = await judge(seat, run, each);
			results.push(result);
			run.onResult?.(result, results.length - 1);
		}
		return results;
	} finally {
		await seat.clear();
	}
}

async function judge(seat: Seat, { bench, world, patience }: Run, each: DeviceCase): Promise<Result> {
	const { name, lives, needs = [], fresh, timed = [] } = each;
	if (bench.isSmall && each.notOnEsp8266 !== undefined)
		return { name, outcome: "skipped", reason: each.notOnEsp8266, took: 0, measured: {} };
	if (fresh) await seat.clear();
	const meters = new Meters();
	const done: Report[] = [];
	let reason: string | undefined;
	for (let life = 0; life < lives.length && reason === undefined; life++) {
		if (life > 0) await seat.clear();
		const assignment = { case: name, life, ...world.tell(needs) };
		const report = await seat.perform(assignment, patience, meters);
		done.push(report);
		if (report.error !== undefined) reason = lives.length > 1 ? `life ${life + 1}: ${report.error}` : report.error;
	}
	// What a case has left undone is nothing that the next one should find.
	if (reason !== undefined) await seat.clear();
	const measuredIn = ({ error, took, measured }: Report, life: number) => {
		const what = timed[life];
		return what === undefined || error !== undefined ? measured : { ...measured, [`${what}, ms`]: took };
	};
	const { most } = meters;
	return {
		name,
		outcome: reason === undefined ? "passed" : "failed",
		...(reason === undefined ? {} : { reason }),
		took: done.reduce((sum, { took = 0 }) => sum + took, 0),
		measured: Object.assign({}, ...done.map(measuredIn), meters.phases()) as Measured,
		...(most === undefined ? {} : { memory: most }),
	};
}

/** The place on the bench: one board at a time, which has done what it was told and asks for more, or none. */
class Seat {
	readonly #run: Run;
	#board: LiveBoard | undefined;
	#question: Question | undefined;
	#dead = 0;
	/** The last lines of the trace: what a board said before it fell silent. */
	#last: string[] = [];
	#meters = new Meters();
	#cutAsked = () => {};

	constructor(run: Run) {
		this.#run = run;
	}

	/** Does one life of a case. Never throws for what the board does. */
	async perform(assignment: Report, patience: number, meters: Meters): Promise<Report> {
		if (this.#board === undefined) {
			const trouble = await this.#begin();
			if (trouble !== undefined) return { ...assignment, error: trouble };
		}
		this.#meters = meters;
		this.#last = [];
		const began = performance.now();
		const over = (error?: string): Report => ({
			...assignment,
			took: Math.round(performance.now() - began),
			...(error === undefined ? {} : { error }),
		});
		const cut = new Promise<"cut">((resolve) => {
			this.#cutAsked = () => resolve("cut");
		});
		const deadline = after(patience);
		try {
			for (;;) {
				this.#question?.answer(assignment);
				this.#question = undefined;
				const came = await this.#wait(deadline, cut);
				if (came === "cut") {
					await this.clear();
					return over();
				}
				if (typeof came === "string") {
					await this.clear();
					return over(this.#told(came === "late" ? `no end within ${patience / 1000} s` : came));
				}
				const { report } = came;
				this.#question = came;
				if (report.case === undefined) {
					await sleep(traceDelay);
					return over(this.#told("the board has begun anew in the middle of it"));
				}
				// The answer to an earlier report may have been lost: it is given again.
				if (report.case === assignment.case && report.life === assignment.life) return report;
			}
		} finally {
			deadline.clear();
			this.#cutAsked = () => {};
		}
	}

	/** Cuts the board's power, if there is one. */
	async clear(): Promise<void> {
		const board = this.#board;
		this.#board = undefined;
		this.#question = undefined;
		await board?.cut();
		this.#run.conductor.forget();
	}

	/** @returns why there is no board that asks for something to do; undefined if there is one */
	async #begin(): Promise<string | undefined> {
		const { bench } = this.#run;
		this.#last = [];
		this.#board = await bench.switchOn({
			onLine: (line) => this.#hear(line),
			onMeters: (meters) => this.#meters.read(meters),
		});
		const deadline = after(bench.bootPatience);
		try {
			const came = await this.#wait(deadline, new Promise(() => {}));
			if (typeof came !== "string") {
				this.#question = came;
				this.#dead = 0;
				return undefined;
			}
			await this.clear();
			const what = came === "late" ? `it does not ask for anything within ${bench.bootPatience / 1000} s` : came;
			const trouble = this.#told(`the board does not begin: ${what}`);
			if (++this.#dead === mostDead) throw new Error(`${trouble}. That was so ${mostDead} times in a row.`);
			return trouble;
		} finally {
			deadline.clear();
		}
	}

	/** What comes first: the board's next question, its end, its wish for a power cut, or the deadline. */
	async #wait(deadline: Deadline, cut: Promise<"cut">): Promise<Question | string> {
		const ending = new AbortController();
		const ended = this.#board?.ended ?? new Promise<never>(() => {});
		try {
			const question = this.#run.conductor.next(ending.signal);
			question.catch(() => {});
			return await Promise.race([question, ended, cut, deadline.late]);
		} finally {
			ending.abort();
		}
	}

	#hear(line: string): void {
		this.#run.onLine?.(line);
		if (line.startsWith('{"cut":')) this.#cutAsked();
		else if (line.startsWith('{"phase":')) this.#meters.phase(JSON.parse(line).phase);
		else if (line.trim() !== "") this.#last = [...this.#last, line].slice(-3);
	}

	#told(what: string): string {
		return this.#last.length === 0 ? what : `${what}; the last that it said: ${this.#last.join(" / ")}`;
	}
}

interface Deadline {
	readonly late: Promise<"late">;
	clear(): void;
}

function after(milliseconds: number): Deadline {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<"late">((resolve) => {
		timer = setTimeout(() => resolve("late"), milliseconds);
	});
	return { late, clear: () => clearTimeout(timer) };
}
