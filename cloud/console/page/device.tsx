/** One device: its state, its life as a timeline, commands, and what it reports. */

import { useMemo, useState } from "preact/hooks";
import { change, productPath } from "./api.js";
import { Credential } from "./devices.js";
import { titleOfPlatform, useLoaded, usePlatforms, useTimeline } from "./hooks.js";
import { Expected } from "./journal.js";
import {
	Action,
	Ago,
	act,
	clock,
	Dialog,
	Empty,
	Failure,
	Json,
	Online,
	Panel,
	Payload,
	StateBadge,
	TextField,
	Verdict,
	violation,
} from "./parts.js";
import type { CloudEvent, Device, DeviceState, JournalEvent, MessageEvent, Platform, Product } from "./types.js";

interface Props {
	readonly platform: string;
	readonly product: string;
	readonly name: string;
}

export function DevicePage({ platform, product, name }: Props) {
	const path = productPath(platform, product, "devices", name);
	const concerns = (event: CloudEvent) =>
		event.type === "change"
			? event.path.startsWith(path) || event.path === productPath(platform, product)
			: event.product === product && event.device === name;
	const { value: device, error } = useLoaded<Device>(path, concerns);
	const { value: owner } = useLoaded<Product>(productPath(platform, product), concerns);
	const { value: state } = useLoaded<DeviceState>(`${path}/state`, concerns);
	const platforms = usePlatforms();
	const rules = platforms.find((each) => each.name === platform);
	if (error !== undefined && !device) return <Failure text={error} />;
	if (!device || !owner) return <p class="faint">Loading …</p>;
	return (
		<>
			<p class="facts">
				<Online connected={device.connected} />
				<StateBadge state={device.state} />
				<span>{titleOfPlatform(platforms, platform)}</span>
				<span>
					last seen <Ago time={device.lastSeen} />
				</span>
				<Credential auth={owner.auth} device={device} />
				{device.nextSecretFixed && <span>the next secret is fixed</span>}
			</p>
			<DeviceActions path={path} device={device} owner={owner} rules={rules} />
			<div class="columns">
				<Timeline product={product} name={name} />
				<div class="stack">
					<Command path={path} stateTitle={rules?.stateTitle} product={product} name={name} state={state} />
					<Reported title={rules?.stateTitle} state={state} />
				</div>
			</div>
		</>
	);
}

function DeviceActions({
	path,
	device,
	owner,
	rules,
}: {
	readonly path: string;
	readonly device: Device;
	readonly owner: Product;
	readonly rules: Platform | undefined;
}) {
	const [fixing, setFixing] = useState(false);
	const { name } = device;
	const isKey = owner.auth === "key";
	return (
		<fieldset class="buttons">
			<legend class="hidden">Actions</legend>
			<Action
				label="Disconnect"
				path={`${path}/disconnect`}
				done={`The device ${name} is disconnected.`}
				disabled={!device.connected}
			/>
			<Action
				label="Reset"
				path={`${path}/reset`}
				done={`The device ${name} may register again.`}
				disabled={device.state === "created"}
			/>
			{owner.auth !== "private-ca" && (
				<Action
					label={isKey ? "Rotate the secret" : "Replace the certificate"}
					path={`${path}/rotate`}
					done={`The credential of ${name} is another one now. Its board is refused until it registers again.`}
					confirm={`Change the credential of ${name} in the cloud only? Its board is refused from then on.`}
					disabled={!isKey && !device.certificate}
				/>
			)}
			{!isKey && (
				<Action
					label="Revoke the certificate"
					path={`${path}/revoke`}
					done={`The certificate of ${name} is revoked.`}
					confirm={`Refuse the certificate of ${name} for ever?`}
					disabled={!device.certificate || device.certificate.revoked}
				/>
			)}
			{isKey && (
				<button type="button" onClick={() => setFixing(true)}>
					Fix the next secret
				</button>
			)}
			<Action
				label="Delete"
				tone="danger"
				method="DELETE"
				path={path}
				done={`The device ${name} is deleted.`}
				confirm={`Delete the device ${name}? Its board is refused from then on.`}
				onDone={() => {
					location.hash = "#/devices";
				}}
			/>
			{fixing && rules && <FixSecret path={path} rules={rules} onClose={() => setFixing(false)} />}
		</fieldset>
	);
}

function FixSecret({ path, rules, onClose }: { readonly path: string; readonly rules: Platform; onClose(): void }) {
	const [secret, setSecret] = useState("");
	const mistake = violation(secret, rules.deviceSecret);
	return (
		<Dialog title="Fix the next secret" onClose={onClose}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					void act("The next registration hands out this secret.", () =>
						change("PUT", path, { [rules.secretName]: secret }),
					).then((succeeded) => succeeded && onClose());
				}}
			>
				<TextField
					label={`The secret (${rules.secretName}) that the next registration hands out, once`}
					value={secret}
					hint={mistake ?? "So that a known exchange can be replayed."}
					onInput={setSecret}
				/>
				<div class="buttons">
					<button type="button" onClick={onClose}>
						Cancel
					</button>
					<button type="submit" class="primary" disabled={secret === "" || mistake !== undefined}>
						Fix
					</button>
				</div>
			</form>
		</Dialog>
	);
}

/** What a person wants to read of an event. */
const titles: Readonly<Record<string, string>> = {
	"connect accepted": "Connected",
	"connect refused": "Connection refused",
	"disconnect closed": "Disconnected",
	"subscribe accepted": "Subscribed",
	"subscribe refused": "Subscription refused",
	"publish refused": "Message refused",
	"acknowledge accepted": "Acknowledged",
};

function titleOf({ operation, verdict }: JournalEvent): string {
	if (operation.startsWith("register/")) return verdict === "accepted" ? "Registered" : "Registration refused";
	return titles[`${operation} ${verdict}`] ?? `${operation} ${verdict}`;
}

function Timeline({ product, name }: { readonly product: string; readonly name: string }) {
	const [paused, setPaused] = useState(false);
	const events = useTimeline({ product, device: name }, paused);
	// A message is shown once, with its payload.
	const shown = useMemo(
		() =>
			(events ?? []).filter(
				(event): event is JournalEvent | MessageEvent =>
					event.type === "message" ||
					(event.type === "journal" && !(event.operation === "publish" && event.verdict === "accepted")),
			),
		[events],
	);
	return (
		<Panel
			title="Timeline"
			class="timeline"
			actions={
				<button type="button" class="small" aria-pressed={paused} onClick={() => setPaused(!paused)}>
					{paused ? "Continue" : "Pause"}
				</button>
			}
		>
			{events !== undefined && shown.length === 0 && <Empty title="Nothing has happened yet." />}
			<ol>
				{shown.map((event) => (
					<li key={event.seq} class={event.type === "message" ? event.direction : event.verdict}>
						<time dateTime={event.time}>{clock(event.time)}</time>
						{event.type === "message" ? <MessageEntry message={event} /> : <JournalEntry entry={event} />}
					</li>
				))}
			</ol>
		</Panel>
	);
}

function JournalEntry({ entry }: { readonly entry: JournalEvent }) {
	return (
		<div>
			<p class="what">
				<strong>{titleOf(entry)}</strong>
				{entry.verdict === "refused" && <Verdict verdict="refused" />}
				<span class="faint">
					{entry.operation} · {entry.transport}
				</span>
			</p>
			<p class="reason">
				{entry.reason}
				{entry.code !== undefined && ` (${entry.code})`}
			</p>
			{entry.expected && <Expected expected={entry.expected} />}
		</div>
	);
}

function MessageEntry({ message }: { readonly message: MessageEvent }) {
	return (
		<div>
			<p class="what">
				<strong>{message.direction === "up" ? "Published" : "Received"}</strong>
				<span class="topic">{message.topic}</span>
			</p>
			<Payload payload={message.payload} binary={message.binary} bytes={message.bytes} />
		</div>
	);
}

function Command({
	path,
	stateTitle,
	product,
	name,
	state,
}: Omit<Props, "platform"> & {
	readonly path: string;
	readonly stateTitle: Platform["stateTitle"] | undefined;
	readonly state: DeviceState | undefined;
}) {
	const [payload, setPayload] = useState('{"lamp":"on"}');
	const [topic, setTopic] = useState("");
	const [isTemplate, setTemplate] = useState(false);
	const property = `$thing/down/property/${product}/${name}`;
	const send = async () => {
		const message = isTemplate
			? { topic: property, payload: controlMessage(payload) }
			: { payload, ...(topic !== "" && { topic }) };
		await change("POST", `${path}/messages`, message);
	};
	return (
		<Panel title="Send a command">
			<form
				onSubmit={(event) => {
					event.preventDefault();
					void act("The command is sent.", send);
				}}
			>
				{stateTitle === "Data template" && (
					<label class="check">
						<input
							type="checkbox"
							checked={isTemplate}
							onChange={({ currentTarget }) => setTemplate(currentTarget.checked)}
						/>
						Set properties of the data template
					</label>
				)}
				{!isTemplate && (
					<TextField
						label="Topic"
						value={topic}
						placeholder={state?.control ?? "the control topic"}
						onInput={setTopic}
					/>
				)}
				<TextField label={isTemplate ? "Properties, JSON" : "Payload"} value={payload} lines={4} onInput={setPayload} />
				<div class="buttons">
					<button type="submit" class="primary" disabled={!state?.connected}>
						Send
					</button>
					{state?.connected === false && <span class="faint">The device is offline.</span>}
				</div>
			</form>
		</Panel>
	);
}

/** @throws Error unless the properties are JSON */
function controlMessage(properties: string): object {
	const clientToken = `console-${Date.now()}`;
	try {
		return { method: "control", clientToken, params: JSON.parse(properties) };
	} catch {
		throw new Error('The properties are not JSON. Expected an object such as {"brightness":7}.');
	}
}

function Reported({
	title = "Properties",
	state,
}: {
	readonly title: string | undefined;
	readonly state: DeviceState | undefined;
}) {
	const { dataTemplate, properties, shadow } = state ?? {};
	const values = dataTemplate?.reported ?? properties;
	return (
		<>
			<Panel title={title}>
				{values ? <Values values={values} /> : <Empty title="The device has reported no property." />}
				{dataTemplate && Object.keys(dataTemplate.pending).length > 0 && (
					<>
						<h3>Commands without a reply</h3>
						<Json value={dataTemplate.pending} />
					</>
				)}
			</Panel>
			{shadow && (
				<Panel title={`Shadow, version ${shadow.version}`}>
					<Json value={{ reported: shadow.reported, desired: shadow.desired }} />
				</Panel>
			)}
		</>
	);
}

function Values({ values }: { readonly values: object }) {
	return (
		<dl class="values">
			{Object.entries(values).map(([key, value]) => (
				<div key={key}>
					<dt>{key}</dt>
					<dd>{typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
				</div>
			))}
		</dl>
	);
}
