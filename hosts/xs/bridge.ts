/** The XS side of the bridge. Runs in the engine, without Node. */

import { Failure } from "dynreg/core/errors";
import { decode, encode } from "./frame.js";
import type { Calls, Jobs, Notice, Outcome, PlainFailure, Request } from "./protocol.js";

/** Provided by `xsnap-worker`: sends a request to the parent and waits for the response. */
declare const issueCommand: (request: ArrayBuffer) => ArrayBuffer;

type NoticeOf<Key extends string> = Extract<Notice, Record<Key, unknown>>;

/** Receives the parent's events of one connection. */
export interface Listener {
	message(topic: string, payload: Uint8Array): void | Promise<void>;
	closed(failure: Failure): void;
	refused?(failure: Failure): void;
}

interface PendingJob {
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

const jobs = new Map<number, PendingJob>();
const listeners = new Map<number, Listener>();
let lastJob = 0;

/** A synchronous request. @throws the error of the parent's port */
export function call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): ReturnType<Calls[Name]> {
	return outcomeValue(sendRequest({ name, args })) as ReturnType<Calls[Name]>;
}

/** An asynchronous request. */
export function startJob<Name extends keyof Jobs>(name: Name, ...args: Parameters<Jobs[Name]>): Job<Name> {
	const number = ++lastJob;
	const done = new Promise((resolve, reject) => jobs.set(number, { resolve, reject })) as ReturnType<Jobs[Name]>;
	sendRequest({ name, args, job: number });
	return { number, done };
}

/** It does not settle any more. */
export function forgetJob(number: number): void {
	jobs.delete(number);
}

export interface Job<Name extends keyof Jobs> {
	readonly number: number;
	readonly done: ReturnType<Jobs[Name]>;
}

/** Until the connection is closed by either side. */
export function addListener(connection: number, listener: Listener): void {
	listeners.set(connection, listener);
}

export function removeListener(connection: number): void {
	listeners.delete(connection);
}

/** The engine calls this by name for each command of its parent, then runs all promise jobs. */
Object.assign(globalThis, {
	handleCommand(frame: ArrayBuffer): ArrayBuffer {
		receive(decode(new Uint8Array(frame)) as Notice);
		return new ArrayBuffer(0);
	},
});

function receive(notice: Notice): void {
	if ("settled" in notice) settle(notice);
	else if ("topic" in notice) {
		const { connection, topic, payload } = notice;
		Promise.resolve(listeners.get(connection)?.message(topic, payload)).then(() => call("taken", connection));
	} else if ("refused" in notice) listeners.get(notice.connection)?.refused?.(failureOf(notice.refused));
	else {
		const listener = listeners.get(notice.connection);
		removeListener(notice.connection);
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

function sendRequest(request: Request): Outcome {
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
