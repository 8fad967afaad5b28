/** Small parts that all views are made of. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { change } from "./api.js";
import { useClock } from "./hooks.js";

export function Badge({ tone, children }: { readonly tone: string; readonly children: ComponentChildren }) {
	return <span class={`badge ${tone}`}>{children}</span>;
}

const stateTones: Readonly<Record<string, string>> = { created: "plain", registered: "amber", active: "teal" };

export function StateBadge({ state }: { readonly state: string }) {
	return <Badge tone={stateTones[state] ?? "plain"}>{state}</Badge>;
}

export function Online({ connected }: { readonly connected: boolean }) {
	return (
		<span class={connected ? "online yes" : "online"}>
			<span class="dot" aria-hidden="true" />
			{connected ? "online" : "offline"}
		</span>
	);
}

const verdictTones: Readonly<Record<string, string>> = { accepted: "teal", refused: "red", closed: "plain" };

export function Verdict({ verdict }: { readonly verdict: string }) {
	return <Badge tone={verdictTones[verdict] ?? "plain"}>{verdict}</Badge>;
}

export function clock(time: string): string {
	const date = new Date(time);
	return `${date.toLocaleTimeString("en-GB")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** How long ago, and when exactly. */
export function Ago({ time }: { readonly time: string | undefined }) {
	const now = useClock();
	if (time === undefined) return <span class="faint">not yet</span>;
	const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
	const text =
		seconds < 10
			? "just now"
			: seconds < 60
				? `${seconds} s ago`
				: seconds < 3600
					? `${Math.floor(seconds / 60)} min ago`
					: seconds < 86_400
						? `${Math.floor(seconds / 3600)} h ago`
						: `${Math.floor(seconds / 86_400)} days ago`;
	return (
		<time dateTime={time} title={new Date(time).toLocaleString("en-GB")}>
			{text}
		</time>
	);
}

/** A message for people at the edge of the page; read out by screen readers. */
export interface Notice {
	readonly id: number;
	readonly text: string;
	readonly bad: boolean;
}

let notices: readonly Notice[] = [];
let noticeCount = 0;
let showNotices: (notices: readonly Notice[]) => void = () => {};

export function notify(text: string, bad = false): void {
	const id = ++noticeCount;
	notices = [...notices.slice(-3), { id, text, bad }];
	showNotices(notices);
	setTimeout(() => dismiss(id), bad ? 12_000 : 5000);
}

function dismiss(id: number): void {
	notices = notices.filter((notice) => notice.id !== id);
	showNotices(notices);
}

export function Notices() {
	const [shown, setShown] = useState(notices);
	useEffect(() => {
		showNotices = setShown;
	}, []);
	return (
		<div class="notices" role="status" aria-live="polite">
			{shown.map(({ id, text, bad }) => (
				<div key={id} class={bad ? "notice bad" : "notice"}>
					<span>{text}</span>
					<button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(id)}>
						×
					</button>
				</div>
			))}
		</div>
	);
}

/** Carries out a change, and says what became of it. @returns whether it succeeded */
export async function act(text: string, action: () => Promise<unknown>): Promise<boolean> {
	try {
		await action();
		notify(text);
		return true;
	} catch (error) {
		notify((error as Error).message, true);
		return false;
	}
}

interface ActionProps {
	readonly label: string;
	readonly done: string;
	readonly method?: "PUT" | "POST" | "DELETE";
	readonly path: string;
	readonly body?: unknown;
	/** Asked first. */
	readonly confirm?: string;
	readonly tone?: string;
	readonly disabled?: boolean;
	onDone?(): void;
}

/** A button that changes something in the cloud. */
export function Action({
	label,
	done,
	method = "POST",
	path,
	body,
	confirm,
	tone = "",
	disabled,
	onDone,
}: ActionProps) {
	const [asking, setAsking] = useState(false);
	const [busy, setBusy] = useState(false);
	const run = async () => {
		setAsking(false);
		setBusy(true);
		if (await act(done, () => change(method, path, body))) onDone?.();
		setBusy(false);
	};
	return (
		<>
			<button
				type="button"
				class={tone}
				disabled={disabled || busy}
				onClick={() => (confirm === undefined ? void run() : setAsking(true))}
			>
				{label}
			</button>
			{asking && confirm !== undefined && (
				<Dialog title={label} onClose={() => setAsking(false)}>
					<p>{confirm}</p>
					<div class="buttons">
						<button type="button" onClick={() => setAsking(false)}>
							Cancel
						</button>
						<button type="button" class={tone === "danger" ? "danger" : "primary"} onClick={() => void run()}>
							{label}
						</button>
					</div>
				</Dialog>
			)}
		</>
	);
}

export function Dialog({
	title,
	onClose,
	children,
}: {
	readonly title: string;
	onClose(): void;
	readonly children: ComponentChildren;
}) {
	const element = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const before = document.activeElement;
		element.current?.showModal();
		// The dialog is gone by then, so the browser would give the focus to nothing.
		return () => (before as HTMLElement | null)?.focus();
	}, []);
	return (
		<dialog
			ref={element}
			aria-labelledby={id}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
		>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}

/** A labelled control, with a hint or what is wrong. */
export function Field({
	label,
	of,
	hint,
	children,
}: {
	readonly label: string;
	readonly of?: string | undefined;
	readonly hint?: string | undefined;
	readonly children: (id: string, hintId: string | undefined) => JSX.Element;
}) {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>
				{label}
				{of !== undefined && <span class="hidden"> ({of})</span>}
			</label>
			{children(id, hint === undefined ? undefined : `${id}-hint`)}
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}

interface TextProps {
	readonly label: string;
	/** Which of several such fields it is, for screen readers. */
	readonly of?: string;
	readonly value: string;
	readonly hint?: string | undefined;
	readonly placeholder?: string;
	readonly type?: "text" | "search" | "number" | "password";
	readonly lines?: number;
	readonly required?: boolean;
	onInput(value: string): void;
}

export function TextField({ label, of, value, hint, placeholder, type = "text", lines, required, onInput }: TextProps) {
	const properties = {
		value,
		placeholder,
		required,
		autocomplete: "off" as const,
		spellcheck: false,
		onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
	};
	return (
		<Field label={label} of={of} hint={hint}>
			{(id, hintId) =>
				lines === undefined ? (
					<input id={id} type={type as "text"} aria-describedby={hintId} {...properties} />
				) : (
					<textarea id={id} rows={lines} aria-describedby={hintId} {...properties} />
				)
			}
		</Field>
	);
}

export type Choice = readonly [value: string, text: string];

export function SelectField({
	label,
	value,
	choices,
	hint,
	disabled,
	onChange,
}: {
	readonly label: string;
	readonly value: string;
	readonly choices: readonly Choice[];
	readonly hint?: string | undefined;
	readonly disabled?: boolean;
	onChange(value: string): void;
}) {
	return (
		<Field label={label} hint={hint}>
			{(id, hintId) => (
				<select
					id={id}
					value={value}
					disabled={disabled}
					aria-describedby={hintId}
					onChange={(event) => onChange(event.currentTarget.value)}
				>
					{choices.map(([each, text]) => (
						<option key={each} value={each} selected={each === value}>
							{text}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

export async function copy(text: string, what: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		notify(`${what} copied.`);
	} catch {
		notify("The browser did not allow copying. Select the text instead.", true);
	}
}

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
	return (
		<button type="button" class="small" aria-label={`Copy ${what}`} onClick={() => void copy(text, what)}>
			Copy
		</button>
	);
}

/** Text to copy: a command, a file. */
export function Code({ text, what }: { readonly text: string; readonly what: string }) {
	return (
		<div class="code">
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
			<pre tabIndex={0}>{text}</pre>
			<CopyButton text={text} what={what} />
		</div>
	);
}

const jsonToken = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its parts in colour. The text is always text. */
export function Json({ value }: { readonly value: unknown }) {
	const text = JSON.stringify(value, undefined, 2) ?? "";
	const parts: (string | JSX.Element)[] = [];
	let end = 0;
	for (const found of text.matchAll(jsonToken)) {
		const [whole, string, colon, word] = found;
		parts.push(text.slice(end, found.index));
		end = found.index + whole.length;
		const kind =
			string === undefined ? (word === undefined ? "number" : "word") : colon === undefined ? "string" : "key";
		parts.push(
			<span key={found.index} class={`json-${kind}`}>
				{string ?? whole}
			</span>,
		);
		if (colon !== undefined) parts.push(colon);
	}
	parts.push(text.slice(end));
	return <pre class="json">{parts}</pre>;
}

export function Payload({
	payload,
	binary,
	bytes,
}: {
	readonly payload: string;
	readonly binary?: boolean | undefined;
	readonly bytes: number;
}) {
	const isCut = binary ? bytes * 2 > payload.length : bytes > new TextEncoder().encode(payload).length;
	const parsed = binary || isCut ? undefined : parseObject(payload);
	return (
		<div class="payload">
			{parsed === undefined ? <pre class="json">{payload === "" ? "(empty)" : payload}</pre> : <Json value={parsed} />}
			{(binary || isCut) && (
				<p class="hint">
					{binary && "Not text: shown in hexadecimal. "}
					{isCut && `The beginning of ${bytes.toLocaleString("en")} bytes.`}
				</p>
			)}
		</div>
	);
}

function parseObject(text: string): object | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null ? value : undefined;
	} catch {
		return undefined;
	}
}

export function Failure({ text }: { readonly text: string | undefined }) {
	return text === undefined ? null : (
		<p class="failure" role="alert">
			{text}
		</p>
	);
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
	return (
		<div class="empty">
			<p class="title">{title}</p>
			{children}
		</div>
	);
}

export function Panel({
	title,
	actions,
	children,
	class: name = "",
}: {
	readonly title: string;
	readonly actions?: ComponentChildren;
	readonly children: ComponentChildren;
	readonly class?: string;
}) {
	const id = useId();
	return (
		<section class={`panel ${name}`} aria-labelledby={id}>
			<header>
				<h2 id={id}>{title}</h2>
				{actions && <div class="buttons">{actions}</div>}
			</header>
			{children}
		</section>
	);
}

/** Offers a text as a file. */
export function SaveButton({
	name,
	content,
	label,
}: {
	readonly name: string;
	readonly content: string | Uint8Array<ArrayBuffer>;
	readonly label: string;
}) {
	const save = () => {
		const url = URL.createObjectURL(new Blob([content]));
		const link = Object.assign(document.createElement("a"), { href: url, download: name });
		link.click();
		setTimeout(() => URL.revokeObjectURL(url), 10_000);
	};
	return (
		<button type="button" onClick={save}>
			{label}
		</button>
	);
}

export const registrationNames: Readonly<Record<string, string>> = {
	off: "off",
	"pre-created": "names created before",
	automatic: "any name",
	free: "any name, for a token",
};

export const authNames: Readonly<Record<string, string>> = {
	key: "key",
	certificate: "certificate",
	"private-ca": "certificate of a private CA",
};

/** @returns what is wrong with a text, undefined if nothing is */
export function violation(
	text: string,
	rule: { readonly pattern: string; readonly violation: string } | undefined,
): string | undefined {
	return rule && text !== "" && !new RegExp(rule.pattern).test(text) ? rule.violation : undefined;
}
