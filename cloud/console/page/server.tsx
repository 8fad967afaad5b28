/** The cloud itself: its addresses, broker, restart, time server and server certificate. */

import { useState } from "preact/hooks";
import { change } from "./api.js";
import { useLoaded } from "./hooks.js";
import { Action, act, CopyButton, Failure, Panel, SelectField, TextField } from "./parts.js";
import type { CloudDescription, CloudEvent } from "./types.js";

const certificateKinds: readonly (readonly [kind: string, text: string])[] = [
	["good", "its own"],
	["expired", "expired yesterday"],
	["not-yet-valid", "valid from tomorrow"],
	["wrong-name", "for another name"],
	["wrong-root", "of another CA with the same name"],
	["short-key", "RSA 1024"],
	["ec", "P-256 under the RSA root"],
	["with-intermediate", "with an intermediate: valid"],
	["missing-intermediate", "the intermediate is missing"],
];

const tlsPorts = ["https", "mqtts", "mtls"];

const changed =
	(path: RegExp) =>
	(event: CloudEvent): boolean =>
		event.type === "change" && path.test(event.path);

export function ServerPage() {
	return (
		<div class="columns">
			<div class="stack">
				<Addresses />
				<Broker />
			</div>
			<div class="stack">
				<Certificate />
				<TimeServer />
			</div>
		</div>
	);
}

function Addresses() {
	const { value: cloud, error } = useLoaded<CloudDescription>("/");
	return (
		<Panel title="Addresses">
			<Failure text={error} />
			<dl class="values">
				{Object.entries(cloud?.urls ?? {}).map(([name, url]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>
							<span class="mono">{url}</span> <CopyButton text={url} what={`The address ${name} is`} />
						</dd>
					</div>
				))}
			</dl>
			<p class="hint">
				<a href="/openapi.json">The administration as an OpenAPI document</a>
			</p>
		</Panel>
	);
}

function Broker() {
	const { value, reload } = useLoaded<{ running: boolean; restarting: boolean }>(
		"/broker",
		changed(/^\/(broker|restart)/),
	);
	const [seconds, setSeconds] = useState("3");
	const [busy, setBusy] = useState(false);
	const restart = async () => {
		setBusy(true);
		await act("Registration and broker run again.", () => change("POST", "/restart", { seconds: Number(seconds) }));
		setBusy(false);
		reload();
	};
	return (
		<Panel title="Broker">
			<p>
				{value === undefined
					? "…"
					: value.running
						? "The broker runs."
						: "The broker is stopped: boards cannot connect."}
			</p>
			<div class="buttons">
				<Action
					label="Stop"
					path="/broker/stop"
					done="The broker is stopped."
					disabled={value?.running !== true}
					onDone={reload}
				/>
				<Action
					label="Start"
					path="/broker/start"
					done="The broker runs again."
					disabled={value?.running !== false}
					onDone={reload}
				/>
			</div>
			<form
				class="inline"
				onSubmit={(event) => {
					event.preventDefault();
					void restart();
				}}
			>
				<TextField label="Seconds without registration and broker" type="number" value={seconds} onInput={setSeconds} />
				<button type="submit" disabled={busy}>
					{busy ? "Restarting …" : "Restart"}
				</button>
			</form>
		</Panel>
	);
}

function Certificate() {
	const { value, error } = useLoaded<Readonly<Record<string, string>>>("/certificate", changed(/^\/certificate/));
	return (
		<Panel title="Server certificate">
			<p class="hint">What a board sees from its next handshake on. A good board refuses all but the valid ones.</p>
			<Failure text={error} />
			{tlsPorts.map((port) => {
				const kind = value?.[port] ?? "good";
				const known = certificateKinds.some(([each]) => each === kind);
				return (
					<SelectField
						key={port}
						label={`Certificate at ${port}`}
						value={kind}
						choices={[
							...certificateKinds.map(([each, text]) => [each, `${each}: ${text}`] as const),
							...(known ? [] : [[kind, kind] as const]),
						]}
						disabled={value === undefined}
						onChange={(chosen) =>
							void act(`${port} shows the certificate ${chosen}.`, () =>
								change("PUT", "/certificate", { kind: chosen, at: port }),
							)
						}
					/>
				);
			})}
		</Panel>
	);
}

function TimeServer() {
	const { value } = useLoaded<{ offset: number; silent: boolean }>("/time", changed(/^\/time/));
	const [offset, setOffset] = useState<string>();
	const put = (body: object, text: string) => act(text, () => change("PUT", "/time", body));
	return (
		<Panel title="Time server">
			<form
				class="inline"
				onSubmit={(event) => {
					event.preventDefault();
					void put({ offset: Number(offset) }, `The time server is ${offset} s ahead.`);
					setOffset(undefined);
				}}
			>
				<TextField
					label="Seconds ahead of this computer"
					type="number"
					value={offset ?? String(value?.offset ?? 0)}
					onInput={setOffset}
				/>
				<button type="submit" disabled={offset === undefined}>
					Set
				</button>
			</form>
			<label class="check">
				<input
					type="checkbox"
					checked={value?.silent ?? false}
					onChange={({ currentTarget: { checked } }) =>
						void put({ silent: checked }, checked ? "The time server is silent." : "The time server responds.")
					}
				/>
				Silent: it responds to no query
			</label>
		</Panel>
	);
}
