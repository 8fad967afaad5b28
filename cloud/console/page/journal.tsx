/** The journal, live and filtered; a refused signature character by character. */

import { useMemo, useState } from "preact/hooks";
import { linkTo, useLoaded, usePlatforms, useSettled, useTimeline } from "./hooks.js";
import { CopyButton, clock, Empty, SelectField, TextField, Verdict } from "./parts.js";
import { firstDifference, visibleCharacters } from "./signed-text.js";
import type { CloudEvent, ExpectedSignature, JournalEvent, Product } from "./types.js";

const otherOperations = ["connect", "subscribe", "publish", "acknowledge", "message", "disconnect", "tls", "http"];
const verdicts = ["", "accepted", "refused", "closed"];

export function JournalPage({ values }: { readonly values: URLSearchParams }) {
	const { value: products = [] } = useLoaded<readonly Product[]>("/products", (event) => event.type === "change");
	const platforms = usePlatforms();
	const [paused, setPaused] = useState(false);
	const [device, setDevice] = useState(values.get("device") ?? "");
	const wanted = {
		product: values.get("product") ?? "",
		operation: values.get("operation") ?? "",
		verdict: values.get("verdict") ?? "",
	};
	const settled = useSettled(device);
	const events = useTimeline({ type: "journal", device: settled, ...wanted }, paused);
	const go = (change: Readonly<Record<string, string>>) => {
		location.hash = linkTo(["journal"], { ...wanted, ...change });
	};
	const operations = ["", "register", ...platforms.flatMap((each) => each.operations), ...otherOperations];
	return (
		<>
			<search class="filters">
				<SelectField
					label="Product"
					value={wanted.product}
					choices={[["", "all products"], ...products.map(({ id }) => [id, id] as const)]}
					onChange={(product) => go({ product })}
				/>
				<TextField label="Device" type="search" value={device} placeholder="whole name" onInput={setDevice} />
				<SelectField
					label="Operation"
					value={wanted.operation}
					choices={operations.map((each) => [
						each,
						each === "" ? "any" : each === "register" ? "any registration" : each,
					])}
					onChange={(operation) => go({ operation })}
				/>
				<SelectField
					label="Verdict"
					value={wanted.verdict}
					choices={verdicts.map((each) => [each, each === "" ? "any" : each])}
					onChange={(verdict) => go({ verdict })}
				/>
				<div class="field">
					<span class="label" aria-hidden="true">
						Live
					</span>
					<button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
						{paused ? "Continue" : "Pause"}
					</button>
				</div>
			</search>
			{events?.length === 0 && <Empty title="No request matches." />}
			<JournalList events={events ?? []} products={products} />
		</>
	);
}

export function JournalList({
	events,
	products = [],
}: {
	readonly events: readonly CloudEvent[];
	readonly products?: readonly Product[];
}) {
	const entries = events.filter((event): event is JournalEvent => event.type === "journal");
	return (
		<ol class="journal">
			{entries.map((entry) => (
				<li key={entry.seq}>
					<time dateTime={entry.time}>{clock(entry.time)}</time>
					<Verdict verdict={entry.verdict} />
					<span class="operation">{entry.operation}</span>
					<div>
						<p class="who">
							<Who entry={entry} products={products} />
						</p>
						<p class="reason">
							{entry.reason}
							{entry.code !== undefined && <span class="faint"> ({entry.code})</span>}
						</p>
						{entry.expected && <Expected expected={entry.expected} />}
					</div>
				</li>
			))}
		</ol>
	);
}

function Who({
	entry: { product, device, transport },
	products,
}: {
	readonly entry: JournalEvent;
	readonly products: readonly Product[];
}) {
	const owner = products.find(({ id }) => id === product);
	return (
		<>
			{product !== undefined && <span>{product} / </span>}
			{device !== undefined &&
				(owner ? <a href={linkTo(["devices", owner.platform, owner.id, device])}>{device}</a> : <span>{device}</span>)}
			<span class="faint"> {transport}</span>
		</>
	);
}

/** What a board should have signed, and where what it has signed differs. */
export function Expected({ expected }: { readonly expected: ExpectedSignature }) {
	const { algorithm, encoding, stringToSign } = expected;
	const [signed, setSigned] = useState("");
	const characters = useMemo(() => visibleCharacters(stringToSign), [stringToSign]);
	const difference = signed === "" ? undefined : firstDifference(stringToSign, signed);
	return (
		<details class="expected">
			<summary>What should have been signed</summary>
			<p>
				{algorithm} of these {stringToSign.length} characters, with the product secret
				{encoding !== undefined && `; then ${encoding}`}. <CopyButton text={stringToSign} what="The text to sign is" />
			</p>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
			<pre class="characters" tabIndex={0}>
				{characters.map(({ text, isControl, breaks }, index) => (
					<span key={index}>
						<span
							class={`${isControl ? "control" : ""}${index === difference?.index ? " wrong" : ""}`}
							title={`character ${index + 1}`}
						>
							{text}
						</span>
						{breaks && "\n"}
					</span>
				))}
			</pre>
			<TextField label="What your board has signed" value={signed} lines={3} onInput={setSigned} />
			{signed !== "" && (
				<p role="status" class={difference ? "bad" : "good"}>
					{difference
						? difference.sentence
						: "This is the same text. The secret, the algorithm or the encoding differs."}
				</p>
			)}
		</details>
	);
}
