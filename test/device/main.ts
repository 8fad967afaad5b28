/**
 * The cases on a board or in the simulator: asks the desktop for one, does it, tells what came of it, and asks for
 * the next, over HTTP (`tools/harness/conductor.ts`). The desktop's address comes with the configuration, as
 * `conductor`: "http://host:port". Without one the clock's reading is traced, as `{"clock":…}`.
 *
 * The trace is for the desktop, too: `{"cut":true}` asks for the power to be cut, `{"phase":…}` names what memory is
 * measured for.
 */

import Debug from "debug";
import { webServer } from "dynreg/configuration";
import { createHost, readConfiguration } from "dynreg/host";
import { parseJson } from "dynreg/json";
import { findCase } from "dynreg-test/device/catalogue";
import { goesOn } from "dynreg-test/device/sdk-alone";
import Timer from "timer";
import type { Endpoint } from "../../modules/contracts/host.js";
import type { Assignment, Device, Measured, Report, World } from "./device-case.js";

const deadline = 20_000;
const tries = 5;
/** Milliseconds: two of the meters' seconds. */
const rest = 2500;

const host = createHost();

async function obey(conductor: Endpoint): Promise<void> {
	await host.network.up(60_000);
	let report: Report = {};
	for (;;) {
		const assignment = await ask(conductor, report);
		if (assignment.case === undefined) return;
		report = await judge(assignment.case, assignment.life ?? 0, assignment as World);
		trace(`${JSON.stringify(report)}\n`);
	}
}

/** @throws Failure when the desktop is not reached again and again */
async function ask(endpoint: Endpoint, report: Report): Promise<Assignment> {
	const body = JSON.stringify(report);
	const request = { endpoint, method: "POST", path: "/", headers: [], body, maxReplyBytes: 16_384 } as const;
	for (let failures = 0; ; failures++) {
		try {
			return parseJson(host.crypto.text((await host.http.request(request, deadline)).body)) as Assignment;
		} catch (error) {
			trace(`the desktop is not reached: ${String(error)}\n`);
			if (failures === tries) throw error;
			await host.timers.sleep(1000);
		}
	}
}

async function judge(name: string, life: number, world: World): Promise<Report> {
	const began = host.clock.ticks();
	let report: Report = { case: name, life };
	try {
		const perform = findCase(name)?.lives[life];
		if (perform === undefined) throw new Error("this image has no such case: build it anew");
		const measured = await onFreshStack(() => perform(deviceIn(life), world));
		if (typeof measured === "object") report = { ...report, measured: measured as Measured };
	} catch (error) {
		report = { ...report, error: String(error) };
	}
	return { ...report, took: host.clock.ticks() - began };
}

/** An ESP8266's stack has no room for what led here. */
function onFreshStack(work: () => Promise<unknown>): Promise<unknown> {
	return new Promise((resolve) => Timer.set(() => resolve(work())));
}

function deviceIn(life: number): Device {
	return {
		host,
		life,
		powerCut() {
			trace('{"cut":true}\n');
			for (;;);
		},
		async rest(phase) {
			Debug.gc();
			trace(`${JSON.stringify({ phase })}\n`);
			await host.timers.sleep(rest);
			trace('{"phase":""}\n');
		},
		alone: (work) => void Timer.set(work),
		goesOn,
	};
}

const conductor = webServer(readConfiguration(), "conductor");
if (conductor) obey(conductor);
else trace(`${JSON.stringify({ clock: host.clock.now() ?? "unknown" })}\n`);
