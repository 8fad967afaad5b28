/** The XS side of the bridge. Runs in the engine: nothing of Node here. */

import { Failure } from "dynreg/core/errors";
import { decode, encode } from "./frame.js";
import type { Calls, Jobs, Notice, Outcome, PlainFailure, Request } from "./protocol.js";

/** What `xsnap-worker` offers: asks the parent and waits for its answer. */
declare const issueCommand: (request: ArrayBuffer) => ArrayBuffer;

type NoticeOf<Key extends string> = Extract<Notice, Record<Key, unknown>>;

/** Told what the parent says about one connection. */
export interface Listener {
	message(topic: string, payload: Uint8Array): void;
	closed(failure: Failure): void;
}

interface Waiting {
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

const jobs = new Map<number, Waiting>();
const listeners = new Map<number, Listener>();
let lastJob = 0;

/** Answered at once. @throws what the parent's port throws */
export function call<Name extends keyof Calls>(name: Name, ...given: Parameters<Calls[Name]>): ReturnType<Calls[Name]> {
	return outcomeValue(ask({ name, given })) as ReturnType<Calls[Name]>;
}

/** Answered later. */
export function begin<Name extends keyof Jobs>(name: Name, ...given: Parameters<Jobs[Name]>): Job<Name> {
	const number = ++lastJob;
	const done = new Promise((resolve, reject) => jobs.set(number, { resolve, reject })) as ReturnType<Jobs[Name]>;
	ask({ name, given, job: number });
	return { number, done };
}

export interface Job<Name extends keyof Jobs> {
	readonly number: number;
	readonly done: ReturnType<Jobs[Name]>;
}

/** Until the connection is closed by either side. */
export function listen(connection: number, listener: Listener): void {
	listeners.set(connection, listener);
}

export function ignore(connection: number): void {
	listeners.delete(connection);
}

/** The engine calls this by name with every command of its parent, then runs promise jobs until none is left. */
Object.assign(globalThis, {
	handleCommand(frame: ArrayBuffer): ArrayBuffer {
		receive(decode(new Uint8Array(frame)) as Notice);
		return new ArrayBuffer(0);
	},
});

function receive(notice: Notice): void {
	if ("settled" in notice) settle(notice);
	else if ("topic" in notice) listeners.get(notice.connection)?.message(notice.topic, notice.payload);
	else {
		const listener = listeners.get(notice.connection);
		ignore(notice.connection);
		listener?.closed(failureOf(notice.closed));
	}
}

function settle({ settled, outcome }: NoticeOf<"settled">): void {
	const waiting = jobs.get(settled);
	jobs.delete(settled);
	try {
		waiting?.resolve(outcomeValue(outcome));
	} catch (error) {
		waiting?.reject(error);
	}
}

function ask(request: Request): Outcome {
	const { buffer } = encode(request);
	return decode(new Uint8Array(issueCommand(buffer as ArrayBuffer))) as Outcome;
}

function outcomeValue(outcome: Outcome): unknown {
	if ("failure" in outcome) throw failureOf(outcome.failure);
	if ("error" in outcome) throw new Error(outcome.error);
	return outcome.value;
}

function failureOf({ phase, code, action, cause, ...values }: PlainFailure): Failure {
	return new Failure(phase, code, action, values, cause);
}
