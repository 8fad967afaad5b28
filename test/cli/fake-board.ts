/**
 * What `fake-toolchain.ts` puts in the place of the SDK's programs: `mcconfig` writes down what it was given, and
 * `serial2xsbug` plays a board that has the image which mcconfig was last asked for.
 *
 * A board with the tests asks the desktop for cases and passes all of them, but begins anew in the middle of the one
 * about MAC addresses, like a board that crashes. Another one says that it boots.
 */

import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Assignment, Report } from "@dynreg/conformance/internal/device/device-case";

const [, , program = "", ...parameters] = process.argv;
const journal = process.env.FAKE_JOURNAL ?? "";

if (program === "mcconfig") mcconfig();
else if (program === "serial2xsbug") await board();

function mcconfig(): void {
	const manifest = parameters.find((each) => each.endsWith("manifest.json")) ?? "";
	const folder = dirname(manifest);
	write({
		manifest: readFileSync(manifest, "utf8"),
		mode: statSync(manifest).mode & 0o777,
		folderMode: statSync(folder).mode & 0o777,
		files: readdirSync(folder).sort(),
		mask: process.umask(),
	});
	const place = join(parameters[parameters.indexOf("-o") + 1] as string, "bin", "esp");
	const built = join(place, parameters.includes("-d") ? "debug" : "release", basename(folder));
	mkdirSync(built, { recursive: true });
	writeFileSync(join(built, "main.bin"), new Uint8Array(Number(process.env.FAKE_IMAGE_BYTES ?? 0)));
	process.stdout.write("# tsc main.ts\n# xsc main.xsb\n# xsl modules\n");
	if (parameters.includes(process.env.FAKE_FAILING ?? "nothing")) {
		process.stderr.write(`${process.env.FAKE_SAYING}\n`);
		process.exitCode = 1;
	}
}

async function board(): Promise<void> {
	const { config } = JSON.parse(lastManifest());
	write({});
	const socket = connect(Number(process.env.XSBUG_PORT), process.env.XSBUG_HOST);
	await new Promise((resolve) => socket.once("connect", resolve));
	say(socket, '<login name="fake" value="XS"/>');
	// It goes on when it is told to.
	await new Promise((resolve) => socket.once("data", resolve));
	say(socket, '<instruments><instrument name="Slot used"/><instrument name="Chunk used"/></instruments>');
	if (config.coordinator === undefined) {
		trace(socket, JSON.stringify({ event: "boot", device: `tencent/${config.productId}/${config.deviceName}` }));
		trace(socket, "something else");
		await sleep(300);
		socket.destroy();
		process.stderr.write("the cable is gone\n");
		process.exitCode = 1;
		return;
	}
	let report: Report = {};
	for (;;) {
		const body = JSON.stringify(report);
		const answer = await fetch(config.coordinator, { method: "POST", body });
		const assignment = (await answer.json()) as Assignment;
		if (assignment.case === undefined) break;
		say(socket, "<samples>1024,512</samples>");
		trace(socket, `begins ${assignment.case}`);
		report = assignment.case.includes("MAC address")
			? {}
			: { case: assignment.case, run: assignment.run ?? 0, duration: 1 };
	}
}

function lastManifest(): string {
	const runs = readFileSync(journal, "utf8").split("\n").slice(0, -1);
	return runs.map((line) => JSON.parse(line).manifest).findLast((manifest) => manifest !== undefined);
}

function write(more: object): void {
	const { env: environment } = process;
	appendFileSync(journal, `${JSON.stringify({ program, parameters, environment, ...more })}\n`);
}

function say(socket: Socket, element: string): void {
	socket.write(`<xsbug>${element}</xsbug>\r\n`);
}

function trace(socket: Socket, line: string): void {
	const text = line.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
	say(socket, `<log>${text}&#10;</log>`);
}
