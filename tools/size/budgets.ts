/**
 * The most that an ESP8266's flash may be spent on. `now` is what `npm run link` measured last. It goes down until it
 * is the goal, and up only in a commit that says what the bytes bought.
 */
export interface Budget {
	readonly measure: string;
	readonly now: number;
	readonly goal: number;
}

export const budgets = {
	library: { measure: "the library's part of `mc.xs.c`, `examples/tencent`, release", now: 58_046, goal: 65_536 },
	engine: {
		measure: "the engine's built-ins that only the library keeps in, `examples/tencent`, release",
		now: 30_424,
		goal: 32_768,
	},
	above: {
		measure: "`main.bin` above the SDK alone, `examples/tencent`, release (estimate)",
		now: 88_470,
		goal: 98_304,
	},
	debug: { measure: "`main.bin` of the application, debug (estimate)", now: 939_576, goal: 978_944 },
} as const satisfies Record<string, Budget>;

export type Measures = Readonly<Record<keyof typeof budgets, number>>;

/** @returns a sentence for each that is passed */
export function withinBudget(measures: Measures): string[] {
	return Object.entries(budgets)
		.filter(([name, { now, goal }]) => measures[name as keyof Measures] > Math.max(now, goal))
		.map(([name, { measure, now, goal }]) => {
			const bytes = measures[name as keyof Measures];
			return `${measure}: ${bytes} bytes, the budget is ${Math.max(now, goal)} (tools/size/budgets.ts)`;
		});
}
