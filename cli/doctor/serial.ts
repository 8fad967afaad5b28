import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Check, missing, ok, warning } from "./check.js";
import { isFolder, type Machine } from "./machine.js";

/** Boards that are connected, and whether this person may talk to them. */
export function checkSerialPorts(machine: Machine): Check {
	return { id: "serial-port", title: "Serial port", for: ["esp32", "esp8266"], ...findPorts(machine) };
}

function findPorts(machine: Machine) {
	const found = ports(machine);
	const chosen = machine.environment.UPLOAD_PORT;
	if (chosen && !found.includes(chosen))
		return warning(
			`UPLOAD_PORT is ${chosen}, but the ports are: ${found.join(", ") || "none"}`,
			"Connect the board, or set UPLOAD_PORT to another port.",
		);
	if (found.length === 0)
		return warning("no board is connected", "Connect the board by USB, with a cable that carries data.");
	const closed = found.filter((port) => !isOpen(port));
	const [port] = closed;
	if (port === undefined) return ok(found.join(", "));
	return missing(`no permission to open ${closed.join(", ")}`, permissionCommand(port));
}

function ports({ devicesFolder, platform }: Machine): string[] {
	if (!isFolder(devicesFolder)) return [];
	const pattern = platform === "darwin" ? /^cu\.(?!Bluetooth|debug|wlan)/ : /^tty(USB|ACM)\d+$/;
	return readdirSync(devicesFolder)
		.filter((name) => pattern.test(name))
		.sort()
		.map((name) => join(devicesFolder, name));
}

function isOpen(port: string): boolean {
	try {
		accessSync(port, constants.R_OK | constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

/** The ports belong to a group, which is `dialout` on Debian and `uucp` on Arch. */
function permissionCommand(port: string): string {
	const { gid, mode } = statSync(port);
	const group = groupName(gid);
	return group === undefined || gid === 0 || (mode & 0o060) !== 0o060
		? `sudo chmod a+rw ${port}`
		: `sudo usermod -a -G ${group} $USER, then log out and in again`;
}

function groupName(gid: number): string | undefined {
	const lines = readFileSync("/etc/group", "utf8").split("\n");
	return lines.map((line) => line.split(":")).find(([, , id]) => id === String(gid))?.[0];
}
