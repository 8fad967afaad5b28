import { createHttp } from "@dynreg/node/internal/http";
import { queryTimeServer } from "@dynreg/node/internal/time-server";
import { registrationScheme } from "dynreg/clouds/schemas";
import type { CloudDevice, RawConfiguration } from "dynreg/contracts/cloud";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { timeServers } from "dynreg/time/sntp";
import { type Check, missing, ok, purposes, warning } from "./check.js";

const shared = { id: "clock", title: "Clock", for: purposes } as const;
const setClockCommand = "sudo timedatectl set-ntp true";

/** Whether this computer's clock may be right: no clock is that reads less than the day this was built on. */
export function checkClock(host: Clock): Check {
	const now = host.now();
	return {
		...shared,
		...(now === undefined
			? missing(`the date ${date(Date.now())} is before the build date of dynreg`, setClockCommand)
			: ok(date(now))),
	};
}

/** A board's default time servers (`hosts/moddable/device/clock.ts`). */
export const publicServers = ["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"];
/** Maximum clock error before a platform refuses signatures. */
const tolerance: Milliseconds = 300_000;
const timeout: Milliseconds = 3000;

/**
 * What time servers say of it, else the web server that boards register at.
 *
 * @param certs folders of private roots
 * @param others time servers behind those of the configuration
 */
export async function checkClockOnline(
	host: Clock,
	configuration: RawConfiguration | undefined,
	device: CloudDevice | undefined,
	certs: readonly string[],
	others: readonly string[] = publicServers,
): Promise<Check> {
	const here = checkClock(host);
	const online = { ...shared, id: "online-clock", title: "Clock, online" } as const;
	let servers: ReturnType<typeof timeServers>;
	try {
		servers = [...timeServers(configuration?.sntp), ...(others.length > 0 ? timeServers(others) : [])];
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return { ...online, ...missing(sentence(error), "Correct sntp in the configuration.") };
	}
	const never = new AbortController().signal;
	for (const server of servers) {
		const time = await queryTimeServer(server, timeout, never);
		if (time !== undefined) return { ...online, ...compareClock(time, `${server.host}:${server.port}`) };
	}
	const names = servers.map(({ host }) => host).join(", ");
	const isWeb = configuration !== undefined && registrationScheme(configuration) === "https";
	const time = device && isWeb ? await registrationServerTime(device, host, certs) : undefined;
	if (time) return { ...online, ...compareClock(time.now, `${time.from}; no time server responded (${names})`) };
	return {
		...online,
		...warning(
			`no time server responded (${names}), and boards have no clock at power-up; this computer's time is ${here.detail}`,
			"Allow UDP port 123, or set sntp to a time server of this network, or httpTimeServer to a web server.",
		),
	};
}

function compareClock(time: Milliseconds, from: string) {
	const off = Date.now() - time;
	const seconds = Math.round(Math.abs(off) / 1000);
	const detail = `${seconds === 0 ? "right" : `${seconds} s ${off > 0 ? "ahead" : "behind"}`}, according to ${from}`;
	return Math.abs(off) > tolerance ? missing(detail, setClockCommand) : ok(detail);
}

/** `Date` of the registration server, over TLS. Asked for a page that is not there: nothing is registered. */
async function registrationServerTime({ endpoints: { register } }: CloudDevice, host: Clock, certs: readonly string[]) {
	if (!register.secure) return undefined;
	try {
		const http = createHttp(new AbortController().signal, certs, host);
		const request = {
			endpoint: register,
			method: "GET",
			path: "/",
			headers: [],
			body: "",
			maxResponseBytes: 65_536,
		} as const;
		const { date: serverDate } = await http.request(request, timeout);
		const now = Date.parse(serverDate ?? "");
		return Number.isNaN(now) ? undefined : { now, from: register.host };
	} catch {
		return undefined;
	}
}

function date(time: Milliseconds): string {
	return new Date(time).toISOString().replace(/\.\d+Z/, "Z");
}
