import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Check, missing, ok, warning } from "./check.js";
import { isFolder, type Machine } from "./machine.js";

/** Boards that are connected, and whether this person may talk to them. */
export function serialPorts(machine: Machine): Check {
	return { id: "serial-port", title: "Serial port", for: ["esp32", "esp8266"], ...portsOf(machine) };
}

function portsOf(machine: Machine) {
	const found = ports(machine);
	const chosen = machine.environment.UPLOAD_PORT;
	if (chosen && !found.includes(chosen))
		return warning(
			`UPLOAD_PORT is ${chosen}, which is not there (${found.join(", ") || "nor is any other"})`,
			"connect the board, or set UPLOAD_PORT to another port",
		);
	if (found.length === 0)
		return warning("no board is connected", "connect the board by USB, with a cable that carries data");
	const closed = found.filter((port) => !isOpen(port));
	const [port] = closed;
	if (port === undefined) return ok(found.join(", "));
	return missing(`${closed.join(", ")}: this user may not open it`, permission(port));
}

function ports({ devices, platform }: Machine): string[] {
	if (!isFolder(devices)) return [];
	const pattern = platform === "darwin" ? /^cu\.(?!Bluetooth|debug|wlan)/ : /^tty(USB|ACM)\d+$/;
	return readdirSync(devices)
		.filter((name) => pattern.test(name))
		.sort()
		.map((name) => join(devices, name));
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
function permission(port: string): string {
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
