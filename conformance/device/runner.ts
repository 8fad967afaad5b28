/**
 * Requests a case from the desktop, runs it, reports the result and requests the next, over HTTP
 * (`conformance/coordinator/test-coordinator.ts`). It is preloaded, so it imports no `dynreg/host`, whose flash in the simulator cannot
 * be; and it keeps as little as it can: an ESP8266 that boots has some hundred slots to spare.
 *
 * The trace is for the desktop, too: `{"powerCut":true}` asks for the power to be cut, `{"phase":…}` names what memory is
 * measured for.
 */

import Debug from "debug";
import { webServer } from "dynreg/configuration/readers";
import type { Host } from "dynreg/contracts/host";
import { parseJson } from "dynreg/core/json";
import { readConfiguration } from "dynreg/platform/configuration";
import Timer from "timer";
import { sleep } from "../contract/cases/expect.js";
import { findCase } from "./catalogue.js";
import type { Assignment, Device, Fixture, Report } from "./device-case.js";
import { sdkAcceptsAttacker } from "./sdk-alone.js";

const deadline = 20_000;
const maxRetries = 5;
/** Milliseconds: two of the meters' seconds. */
const measuringTime = 2500;

/** Until there is nothing more to do in this run. */
export async function runAssignments(host: Host): Promise<void> {
	// What no case catches ends the board, and with it the case: the firmware would report it and go on.
	delete (globalThis as { abort?: unknown }).abort;
	await host.network.up(60_000);
	try {
		// A chip knows no time after power-up, and most cases need it.
		await host.clock.sync(60_000);
	} catch (error) {
		trace(`the time is not known: ${String(error)}\n`);
	}
	await next(host, {});
}

/** Nothing waits for the case: whatever did would stay in memory. */
function next(host: Host, report: Report): Promise<void> {
	return ask(host, report).then((assignment) => {
		// On a stack of its own: an ESP8266's has no room for what led here.
		if (assignment.case !== undefined) Timer.set(() => startCase(host, assignment));
	});
}

/** @throws Failure when the desktop is not reached again and again */
async function ask(host: Host, report: Report): Promise<Assignment> {
	// Read each time, since what is kept is not there for the case.
	const endpoint = webServer(readConfiguration(), "coordinator");
	if (endpoint === undefined) return {};
	const body = JSON.stringify(report);
	const request = { endpoint, method: "POST", path: "/", headers: [], body, maxResponseBytes: 16_384 } as const;
	for (let failures = 0; ; failures++) {
		try {
			return parseJson(host.crypto.text((await host.http.request(request, deadline)).body)) as Assignment;
		} catch (error) {
			trace(`The desktop cannot be reached: ${String(error)}\n`);
			if (failures === maxRetries) throw error;
			await sleep(host.timers, 1000);
		}
	}
}

function startCase(host: Host, assignment: Assignment): void {
	const { case: name = "", run = 0 } = assignment;
	const caseRun = new CaseRun(host, name, run);
	const perform = findCase(name)?.runs[run];
	if (perform === undefined) caseRun.report({ error: "This image does not have the case. Build the image again." });
	else
		perform(new BoardDevice(host, run), assignment as Fixture).then(
			(measured) => caseRun.report(typeof measured === "object" ? { measurements: measured } : {}),
			(error) => caseRun.report({ error: String(error) }),
		);
}

class CaseRun {
	readonly #host: Host;
	readonly #name: string;
	readonly #run: number;
	readonly #began: number;

	constructor(host: Host, name: string, run: number) {
		this.#host = host;
		this.#name = name;
		this.#run = run;
		this.#began = host.clock.ticks();
	}

	report(more: object): void {
		const duration = this.#host.clock.ticks() - this.#began;
		const report: Report = { case: this.#name, run: this.#run, duration, ...more };
		trace(`${JSON.stringify(report)}\n`);
		next(this.#host, report);
	}
}

class BoardDevice implements Device {
	readonly host: Host;
	readonly run: number;

	constructor(host: Host, run: number) {
		this.host = host;
		this.run = run;
	}

	powerCut(): never {
		trace('{"powerCut":true}\n');
		for (;;);
	}

	async measureMemory(phase: string): Promise<void> {
		Debug.gc();
		trace(`${JSON.stringify({ phase })}\n`);
		await sleep(this.host.timers, measuringTime);
		trace('{"phase":""}\n');
	}

	runUncaught(work: () => void): void {
		Timer.set(work);
	}

	sdkAcceptsAttacker(...parameters: Parameters<Device["sdkAcceptsAttacker"]>): Promise<boolean> {
		return sdkAcceptsAttacker(...parameters);
	}
}
