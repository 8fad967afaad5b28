/** State of views: what the cloud has, kept up to date by its events. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, query } from "./api.js";
import { mergeLatest } from "./latest.js";
import { type Connection, live } from "./live.js";
import type { CloudEvent, Platform } from "./types.js";

export interface Loaded<Result> {
	/** Undefined until it is there the first time. */
	readonly value: Result | undefined;
	readonly error: string | undefined;
	reload(): void;
}

/** Milliseconds between two requests of one view, however many events there are. */
const minimumInterval = 700;

/**
 * Loads what is at a path, and again after events that may have changed it.
 *
 * @param path undefined for nothing
 * @param concerns whether an event may have changed it
 */
export function useLoaded<Result>(
	path: string | undefined,
	concerns: (event: CloudEvent) => boolean = () => false,
): Loaded<Result> {
	const [state, setState] = useState<{ path: string | undefined; value?: Result; error?: string }>({ path });
	const [count, setCount] = useState(0);
	const test = useRef(concerns);
	test.current = concerns;
	const reload = useCallback(() => setCount((before) => before + 1), []);

	useEffect(() => {
		if (path === undefined) return undefined;
		const abort = new AbortController();
		get<Result>(path, abort.signal).then(
			(value) => setState({ path, value }),
			(error: Error) => {
				if (abort.signal.aborted) return;
				setState((before) => ({ ...(before.path === path && before), path, error: error.message }));
			},
		);
		return () => abort.abort();
	}, [path, count]);

	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const later = () => {
			timer ??= setTimeout(() => {
				timer = undefined;
				reload();
			}, minimumInterval);
		};
		const stops = [
			live.onEvents((events) => {
				if (events.some((event) => test.current(event))) later();
			}),
			live.onReset(later),
			// What has happened between the request and the beginning of the stream.
			live.onConnection((connection) => {
				if (connection === "live") later();
			}),
		];
		return () => {
			clearTimeout(timer);
			for (const stop of stops) stop();
		};
	}, [reload]);

	// What another path has had is not shown, except while a list turns to its next page.
	const isSame = state.path === path || state.path?.split("?")[0] === path?.split("?")[0];
	return { value: isSame ? state.value : undefined, error: state.path === path ? state.error : undefined, reload };
}

/** Events that a view shows; older ones are dropped. */
export const maxShown = 500;

export interface TimelineFilter {
	readonly type?: string | undefined;
	readonly product?: string | undefined;
	readonly device?: string | undefined;
	readonly operation?: string | undefined;
	readonly verdict?: string | undefined;
}

/** The latest events that match, newest first, live. @param paused new ones are not shown */
export function useTimeline(filter: TimelineFilter, paused = false): readonly CloudEvent[] | undefined {
	const [events, setEvents] = useState<readonly CloudEvent[]>();
	const { type, product, device, operation, verdict } = filter;
	useEffect(() => {
		if (paused) return undefined;
		let isCurrent = true;
		const wanted = { type, product, device, operation, verdict };
		const load = () => {
			get<{ events: readonly CloudEvent[] }>(`/events/latest?${query({ ...wanted, limit: maxShown })}`).then(
				(loaded) => {
					if (isCurrent) setEvents((now = []) => mergeLatest(now, loaded.events, maxShown));
				},
				() => {},
			);
		};
		const stops = [
			live.onEvents((batch) => {
				const more = batch.filter((event) => matches(event, wanted));
				if (more.length > 0) setEvents((now = []) => mergeLatest(now, more, maxShown));
			}),
			live.onReset(() => {
				setEvents([]);
				load();
			}),
		];
		setEvents(undefined);
		load();
		return () => {
			isCurrent = false;
			for (const stop of stops) stop();
		};
	}, [type, product, device, operation, verdict, paused]);
	return events;
}

function matches(event: CloudEvent, filter: TimelineFilter): boolean {
	const fields = event as unknown as Readonly<Record<string, unknown>>;
	return Object.entries(filter).every(
		([key, value]) =>
			value === undefined || value === "" || fields[key] === value || String(fields[key] ?? "").startsWith(`${value}/`),
	);
}

export function useConnection(): Connection {
	const [connection, setConnection] = useState(live.connection);
	useEffect(() => {
		// It may have changed since the first rendering.
		setConnection(live.connection);
		return live.onConnection(setConnection);
	}, []);
	return connection;
}

/** Rerenders now and then, for times like "2 min ago". */
export function useClock(milliseconds = 10_000): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), milliseconds);
		return () => clearInterval(timer);
	}, [milliseconds]);
	return now;
}

/** The value, once it has not changed for a moment. */
export function useSettled<Value>(value: Value, milliseconds = 200): Value {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), milliseconds);
		return () => clearTimeout(timer);
	}, [value, milliseconds]);
	return settled;
}

/** The fragment of the address, which says what the page shows: its path, and values behind a question mark. */
export function useRoute(): { readonly path: readonly string[]; readonly values: URLSearchParams } {
	const [hash, setHash] = useState(location.hash);
	useEffect(() => {
		const changed = () => setHash(location.hash);
		changed();
		addEventListener("hashchange", changed);
		return () => removeEventListener("hashchange", changed);
	}, []);
	const [path = "", values = ""] = hash.slice(2).split("?");
	return { path: path.split("/").filter(Boolean).map(decode), values: new URLSearchParams(values) };
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** @returns the link to a view */
export function linkTo(path: readonly string[], values: Readonly<Record<string, string | undefined>> = {}): string {
	const text = query(values);
	return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** The platforms that this cloud imitates. */
export function usePlatforms(): readonly Platform[] {
	return useLoaded<readonly Platform[]>("/platforms").value ?? noPlatforms;
}

const noPlatforms: readonly Platform[] = [];

/** What people call a platform. */
export function titleOfPlatform(platforms: readonly Platform[], name: string): string {
	return platforms.find((each) => each.name === name)?.title ?? name;
}
