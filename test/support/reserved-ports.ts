import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../ports/", import.meta.url));
/** Of ports, one for each test process that wants any. */
const blocks = 44;
const blockSize = 500;

let first: number | undefined;
let given = 0;

/**
 * Ports for a cloud whose servers are stopped and started again: below those that systems hand out (from 32768 on
 * Linux, 49152 elsewhere), and of no other test process, so that no other server is given them meanwhile.
 */
export function reservedPorts() {
	first ??= 10_000 + blockSize * ownBlock();
	const port = first + (given % blockSize);
	given += 5;
	return { mqtt: port, mqtts: port + 1, mtls: port + 2, http: port + 3, https: port + 4 };
}

/** Owned by a file with this process's id. */
function ownBlock(): number {
	mkdirSync(folder, { recursive: true });
	for (let block = 0; block < blocks; block++) {
		const file = join(folder, String(block));
		if (!isClaimed(file)) continue;
		process.once("exit", () => rmSync(file, { force: true }));
		return block;
	}
	throw new Error(`all ${blocks} blocks of ports are in use: see ${folder}`);
}

function isClaimed(file: string): boolean {
	try {
		writeFileSync(file, String(process.pid), { flag: "wx" });
		return true;
	} catch {
		if (isRunning(file)) return false;
		// Left by a process that was killed.
		rmSync(file, { force: true });
		return isClaimed(file);
	}
}

function isRunning(file: string): boolean {
	try {
		// Not written yet: it is being claimed.
		const id = readFileSync(file, "utf8");
		return id === "" || process.kill(Number(id), 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
