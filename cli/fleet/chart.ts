import type { ScenarioResult } from "./report.js";
import { type Point, SvgChart } from "./svg-chart.js";

/** Pixels. */
const width = 1420;
const rowHeight = 360;
const panel = { width: 560, height: 230, top: 80 } as const;
const lefts = [100, 830] as const;

const ink = "#222222";
const faint = "#dddddd";
const colours = ["#0072b2", "#d55e00", "#8a8a8a"] as const;
const thickness = [3, 2, 2] as const;

/** Connections a second, and the share online, over time: a row of two panels each scenario, a line each policy. */
export function drawChart(results: readonly ScenarioResult[], boards: number): string {
	const title = `${boards.toLocaleString("en")} boards: ${results.map(({ scenario }) => scenario.name).join("; ")}`;
	const svg = new SvgChart(width, results.length * rowHeight + 20, title);
	for (const [row, result] of results.entries()) drawRow(svg, result, boards, row * rowHeight);
	return `${svg}`;
}

function drawRow(on: SvgChart, { scenario, outcomes }: ScenarioResult, boards: number, top: number): void {
	const seconds = visibleSeconds(outcomes.map(({ online }) => online.length));
	const bottom = top + panel.top + panel.height;
	const x = (left: number, second: number) => left + (second / seconds) * panel.width;

	on.text(lefts[0], top + 32, scenario.name, ink, "start");
	for (const [index, { policy }] of outcomes.entries()) {
		const start = lefts[1] + index * 200;
		on.line(
			[
				[start, top + 26],
				[start + 24, top + 26],
			],
			colour(index),
			thickness[index] ?? 2,
		);
		on.text(start + 32, top + 32, policy, colour(index), "start");
	}

	const decades = Math.ceil(Math.log10(Math.max(10, ...outcomes.map(({ connections }) => highest(connections)))));
	const log = (value: number) => bottom - (Math.log10(Math.max(1, value)) / decades) * panel.height;
	const linear = (share: number) => bottom - share * panel.height;
	axes(
		on,
		lefts[0],
		"connections a second",
		Array.from({ length: decades + 1 }, (_, power) => [log(10 ** power), short(10 ** power)]),
	);
	axes(
		on,
		lefts[1],
		"share online",
		[0, 0.25, 0.5, 0.75, 1].map((share) => [linear(share), `${share * 100} %`]),
	);
	const capacity = log(scenario.capacity);
	for (let dash = 0; dash < panel.width; dash += 12)
		on.line(
			[
				[lefts[0] + dash, capacity],
				[lefts[0] + dash + 6, capacity],
			],
			ink,
			1,
		);
	on.text(lefts[0] + panel.width + 6, capacity + 7, "capacity", ink, "start");

	// The project's own comes last, on top.
	for (const [index, { connections, online }] of [...outcomes.entries()].reverse()) {
		const each = seconds / panel.width;
		const came: Point[] = [];
		const share: Point[] = [];
		for (let column = 0; column <= panel.width; column++) {
			const from = Math.floor(column * each);
			const to = Math.max(from + 1, Math.floor((column + 1) * each));
			const until = Math.min(from, online.length - 1);
			share.push([x(lefts[1], from), linear((online[until] ?? 0) / boards)]);
			if (from < connections.length) came.push([x(lefts[0], from), log(highest(connections.subarray(from, to)))]);
		}
		on.line(came, colour(index), thickness[index] ?? 2);
		on.line(share, colour(index), thickness[index] ?? 2);
	}

	function axes(on: SvgChart, left: number, title: string, marks: [y: number, label: string][]): void {
		on.text(left, top + panel.top - 14, title, ink, "start");
		for (const [y, label] of marks) {
			on.line(
				[
					[left, y],
					[left + panel.width, y],
				],
				faint,
				1,
			);
			on.text(left - 8, y + 7, label, ink, "end");
		}
		const step = [10, 20, 30, 60, 120, 300, 600, 1200, 3600].find((each) => seconds / each <= 6) ?? 7200;
		for (let second = 0; second <= seconds; second += step) {
			on.line(
				[
					[x(left, second), bottom],
					[x(left, second), bottom + 5],
				],
				ink,
				1,
			);
			const label = step < 60 ? `${second} s` : `${second / 60} min`;
			on.text(x(left, second), bottom + 24, label, ink, "middle");
		}
		on.line(
			[
				[left, bottom],
				[left + panel.width, bottom],
			],
			ink,
			1,
		);
	}
}

/** Seconds: all of the project's own, and of the others not so much more that it could not be seen. */
function visibleSeconds([own = 1, ...others]: readonly number[]): number {
	return Math.max(10, Math.min(Math.max(own, ...others), 2 * own));
}

function highest(values: Uint32Array): number {
	return values.reduce((highest, each) => Math.max(highest, each), 0);
}

function short(value: number): string {
	return value >= 1_000_000 ? `${value / 1_000_000}M` : value >= 1000 ? `${value / 1000}k` : `${value}`;
}

function colour(index: number): string {
	return colours[index] ?? ink;
}
