/** The fleet at a glance: who is online, what has been refused, and what to do first. */

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { get } from "./api.js";
import { linkTo, useLoaded, useTimeline } from "./hooks.js";
import { JournalList } from "./journal.js";
import { live } from "./live.js";
import { Empty, Panel } from "./parts.js";
import type { CloudEvent, DeviceList, FleetSecond, Product } from "./types.js";

const concernsDevices = (event: CloudEvent) =>
	event.type === "change"
		? event.path.startsWith("/products")
		: event.type === "journal" &&
			(event.operation === "connect" || event.operation === "disconnect" || event.operation.startsWith("register/"));

export function OverviewPage() {
	const { value: products } = useLoaded<readonly Product[]>("/products", concernsDevices);
	const { value: list } = useLoaded<DeviceList>("/devices?limit=1", concernsDevices);
	const refused = useTimeline({ type: "journal", verdict: "refused" });
	const { counts } = list ?? {};
	return (
		<>
			{products?.length === 0 && (
				<section class="welcome">
					<h2>No product yet</h2>
					<p>
						A board registers as a device of a product. Create a product, then start a board: a real one, or one on this
						computer.
					</p>
					<div class="buttons">
						<a class="button primary" href={linkTo(["products"], { new: "1" })}>
							Create a product
						</a>
					</div>
				</section>
			)}
			<ul class="tiles">
				<Tile label="online" value={counts?.online} link={linkTo(["devices"], { state: "online" })} />
				<Tile label="devices" value={list?.total} link={linkTo(["devices"])} />
				<Tile label="active" value={counts?.active} link={linkTo(["devices"], { state: "active" })} />
				<Tile label="products" value={products?.length} link={linkTo(["products"])} />
			</ul>
			<Panel title="Fleet, the last ten minutes">
				<FleetChart />
			</Panel>
			<Panel title="Refused lately" actions={<a href={linkTo(["journal"], { verdict: "refused" })}>All</a>}>
				{refused?.length === 0 ? (
					<Empty title="Nothing was refused." />
				) : (
					<JournalList events={(refused ?? []).slice(0, 5)} products={products ?? []} />
				)}
			</Panel>
		</>
	);
}

function Tile({
	label,
	value,
	link,
}: {
	readonly label: string;
	readonly value: number | undefined;
	readonly link: string;
}) {
	return (
		<li>
			<a href={link}>
				<strong>{value === undefined ? "–" : value.toLocaleString("en")}</strong>
				<span>{label}</span>
			</a>
		</li>
	);
}

/** Seconds. */
const shown = 600;

function FleetChart() {
	const element = useRef<HTMLDivElement>(null);
	const [latest, setLatest] = useState<FleetSecond>();
	useEffect(() => {
		const box = element.current;
		if (!box) return undefined;
		let seconds: FleetSecond[] = [];
		let chart: uPlot | undefined;
		const data = (): uPlot.AlignedData => [
			seconds.map(({ at }) => at),
			seconds.map(({ online }) => online),
			seconds.map(({ connections }) => connections),
		];
		const draw = () => {
			chart?.destroy();
			chart = new uPlot(options(box.clientWidth), data(), box);
		};
		const load = () =>
			get<FleetSecond[]>("/fleet").then(
				(history) => {
					seconds = history;
					setLatest(seconds.at(-1));
					draw();
				},
				() => {},
			);
		void load();
		const scheme = matchMedia("(prefers-color-scheme: dark)");
		scheme.addEventListener("change", draw);
		const resized = new ResizeObserver(() => chart?.setSize({ width: box.clientWidth, height }));
		resized.observe(box);
		const stops = [
			live.onFleet((second) => {
				const last = seconds.at(-1)?.at ?? 0;
				// After a sleep of the computer.
				if (second.at > last + 1 && last > 0) return void load();
				if (second.at <= last) return undefined;
				seconds = [...seconds.slice(1 - shown), second];
				setLatest(second);
				chart?.setData(data());
			}),
			live.onReset(() => void load()),
		];
		return () => {
			for (const stop of stops) stop();
			resized.disconnect();
			scheme.removeEventListener("change", draw);
			chart?.destroy();
		};
	}, []);
	return (
		<figure class="fleet">
			<div ref={element} aria-hidden="true" />
			<figcaption>
				<span class="key">{latest?.online.toLocaleString("en") ?? "–"} online</span>
				<span class="key connections">
					{latest?.connections.toLocaleString("en") ?? "–"} connections in the last second
				</span>
			</figcaption>
		</figure>
	);
}

const height = 220;

function options(width: number): uPlot.Options {
	const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
	const dark = matchMedia("(prefers-color-scheme: dark)").matches;
	const text = dark ? "#a3b1ad" : "#50605c";
	const line = dark ? "#2b3633" : "#e2e9e6";
	const axis = {
		stroke: text,
		grid: { stroke: line, width: 1 },
		ticks: { show: false },
		font: `12px ${colour("--font") || "sans-serif"}`,
	};
	return {
		width,
		height,
		cursor: { y: false },
		legend: { show: false },
		scales: {
			online: { range: (_, __, max) => [0, Math.max(5, Math.ceil(max * 1.1))] },
			connections: { range: (_, __, max) => [0, Math.max(5, Math.ceil(max * 1.1))] },
		},
		axes: [
			{ ...axis, values: (_, times) => times.map(clockTime) },
			{ ...axis, scale: "online", size: 48, values: whole },
			{ ...axis, scale: "connections", side: 1, grid: { show: false }, size: 48, values: whole },
		],
		series: [
			{},
			{
				label: "online",
				scale: "online",
				stroke: dark ? "#5eead4" : "#0f766e",
				width: 2,
				fill: dark ? "#5eead422" : "#0f766e18",
			},
			{
				label: "connections",
				scale: "connections",
				stroke: dark ? "#fbbf24" : "#b45309",
				width: 1.5,
				points: { show: false },
			},
		],
	};
}

function clockTime(seconds: number): string {
	return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function whole(_: uPlot, values: number[]): string[] {
	return values.map((value) => (Number.isInteger(value) ? value.toLocaleString("en") : ""));
}
