/** The frame of all views. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { DevicePage } from "./device.js";
import { DevicesPage } from "./devices.js";
import { FaultsPage } from "./faults.js";
import { linkTo, useConnection, useLoaded, useRoute } from "./hooks.js";
import { JournalPage } from "./journal.js";
import { OverviewPage } from "./overview.js";
import { Empty, Notices } from "./parts.js";
import { ProductsPage } from "./products.js";
import { ServerPage } from "./server.js";
import { StartPage } from "./start.js";

const views = [
	["overview", "Overview", OverviewPage],
	["products", "Products", ProductsPage],
	["devices", "Devices", DevicesPage],
	["journal", "Journal", JournalPage],
	["faults", "Faults", FaultsPage],
	["server", "Server", ServerPage],
	["start", "Start a board", StartPage],
] as const;

const missing = ["", "No such page", NoSuchPage] as const;

const connectionTexts = { connecting: "connecting", live: "live", lost: "connection lost" } as const;

export function App() {
	const { path, values } = useRoute();
	const [name = "overview"] = path;
	const isDevice = name === "devices" && path.length === 4;
	const [, title, View] = views.find(([each]) => each === name) ?? missing;
	const heading = isDevice ? String(path[3]) : title;
	const main = useRef<HTMLElement>(null);
	const isFirst = useRef(true);
	const key = path.join("/");

	useLayoutEffect(() => {
		document.title = `${heading} · dynreg local cloud`;
		if (isFirst.current) isFirst.current = false;
		else {
			main.current?.focus();
			scrollTo(0, 0);
		}
	}, [key]);

	return (
		<>
			<button type="button" class="skip" onClick={() => main.current?.focus()}>
				Skip to the content
			</button>
			<header class="top">
				<a class="brand" href="#/overview">
					<img src="/console/icon.svg" alt="" width="28" height="28" />
					<span>
						dynreg <span class="faint">local cloud</span>
					</span>
				</a>
				<ConnectionState />
			</header>
			<nav aria-label="Views">
				<ul>
					{views.map(([each, text]) => (
						<li key={each}>
							<a href={linkTo([each])} aria-current={each === name ? "page" : undefined}>
								{text}
							</a>
						</li>
					))}
				</ul>
			</nav>
			<main id="main" ref={main} tabIndex={-1}>
				<h1>{isDevice ? <DeviceTitle product={String(path[2])} name={heading} /> : heading}</h1>
				{isDevice ? (
					<DevicePage key={key} platform={String(path[1])} product={String(path[2])} name={String(path[3])} />
				) : (
					<View key={name} values={values} />
				)}
			</main>
			<Notices />
		</>
	);
}

function NoSuchPage() {
	return (
		<Empty title="The address is incomplete, or of another version.">
			<a href={linkTo(["overview"])}>Overview</a>
		</Empty>
	);
}

function DeviceTitle({ product, name }: { readonly product: string; readonly name: string }) {
	return (
		<>
			<span class="faint">{product} / </span>
			{name}
		</>
	);
}

function ConnectionState() {
	const connection = useConnection();
	const { value } = useLoaded<{ running: boolean; restarting: boolean }>(
		"/broker",
		(event) => event.type === "change" && /^\/(broker|restart)/.test(event.path),
	);
	return (
		<p class={`connection ${connection}`} role="status">
			<span class="dot" aria-hidden="true" />
			{connectionTexts[connection]}
			{value?.running === false && <span class="warn">broker stopped</span>}
		</p>
	);
}
