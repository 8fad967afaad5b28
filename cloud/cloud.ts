/**
 * The local cloud: registration over HTTP and HTTPS, an MQTT broker over TCP and TLS, a time
 * server, and an administration, in one process.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { isIPv4 } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { adminHandler } from "./admin-handler.js";
import { Administration } from "./administration.js";
import { Broker } from "./broker.js";
import type { Authority, ServerCertificate } from "./certificates.js";
import { DeviceCertificates } from "./device-certificates.js";
import { Faults } from "./faults/faults.js";
import { operationsOf } from "./faults/operations.js";
import type { FaultRule } from "./faults/rule.js";
import { listener, timeouts } from "./http-listener.js";
import { type Entry, Journal } from "./journal.js";
import { listen, type PortName } from "./listening.js";
import { type OwnCertificate, ownCertificate } from "./own-certificate.js";
import type { Context } from "./platform.js";
import { platforms } from "./platforms.js";
import { Products, type SavedProduct } from "./products.js";
import { closeServer, RegistrationServers } from "./registration-servers.js";
import { type SntpServer, startSntpServer } from "./sntp-server.js";
import { readState, StateFile } from "./state-file.js";
import { Trust } from "./trust.js";

export interface CloudOptions {
	/** The address that boards reach it at; the administration stays on 127.0.0.1. Default: 127.0.0.1. */
	readonly host?: string;
	/** Default: any free ones. */
	readonly ports?: Partial<Readonly<Record<PortName, number>>>;
	/** Where products, devices and the certificate authority are kept. Default: they end with the process. */
	readonly state?: string;
	/** Refuse timestamps that the platform would refuse. Default: true; false lets recorded requests be replayed. */
	readonly checkTimestamps?: boolean;
	/** In place of its own: an expired one, say. */
	readonly certificate?: ServerCertificate;
	/** What goes wrong from the start. */
	readonly faults?: readonly FaultRule[];
	/** From 0 up to but not including 1: the dice of faults that have a probability. Default: `Math.random`. */
	readonly random?: () => number;
	/** Hears of every request when it has been answered. Must not throw. */
	readonly onRequest?: (entry: Entry) => void;
	/** Hears of answers that could not be given because of a bug. Default: they are thrown, and end the process. */
	readonly onBug?: (error: unknown) => void;
}

export interface Cloud {
	readonly urls: Readonly<Record<PortName, string>>;
	/** PEM file with the certificate of the authority that boards have to trust. */
	readonly ca: string;
	readonly administration: Administration;
	/** Ends all connections and saves the state. @throws Error if it could not be saved */
	close(): Promise<void>;
}

/** The state file. */
interface State {
	readonly version: 1;
	readonly certificate: OwnCertificate;
	/** Once it has issued a certificate. */
	readonly deviceAuthority?: Authority;
	readonly products: readonly SavedProduct[];
}

/** Clouds without a state file share one authority, so that a test that starts many makes keys once. */
let ofThisProcess: OwnCertificate | undefined;

/** @throws Error if a port is taken, the state file is unreadable, or a fault cannot be */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
	const host = options.host ?? "127.0.0.1";
	if (!isIPv4(host))
		throw new Error(`the host must be an IPv4 address of this machine (or 0.0.0.0 for all), not ${host}`);
	const ports = { http: 0, https: 0, mqtt: 0, mqtts: 0, mutual: 0, sntp: 0, admin: 0, ...options.ports };
	const saved = options.state === undefined ? undefined : await restore(options.state);
	const own = await ownCertificate(options.state === undefined ? ofThisProcess : saved?.certificate, names(host));
	if (options.state === undefined) ofThisProcess = own;
	const trust = new Trust(own, options.certificate);
	const certificates = new DeviceCertificates(saved?.deviceAuthority);

	const products: Products = new Products(saved?.products ?? [], {
		changed: () => file?.changed(),
		credentialGone: (holder) => broker.disconnect(holder, "the credential it was opened with no longer counts"),
	});
	const file =
		options.state === undefined
			? undefined
			: new StateFile<State>(options.state, () => ({
					version: 1,
					certificate: own,
					...(certificates.authority && { deviceAuthority: certificates.authority }),
					products: products.save(),
				}));
	if (own !== saved?.certificate) file?.changed();

	const journal = new Journal(({ product, device }) => products.secrets(product, device), options.onRequest);
	const faults = new Faults(operationsOf(platforms), options.random ?? Math.random);
	const checkTimestamps = options.checkTimestamps ?? true;
	const context = (): Context => ({ products, certificates, now: Date.now(), checkTimestamps });
	const broker = new Broker({ host, ports, trust, platforms, context, faults, journal });
	const bug =
		options.onBug ??
		((error) => {
			throw error;
		});
	const registration = new RegistrationServers({ host, ports, trust, platforms, context, faults, journal, bug });
	const closing = new AbortController();
	const stop = () => Promise.all([broker.stop(), registration.stop()]);
	let restarting: Promise<void> = Promise.resolve();
	const restart = (seconds: number): Promise<void> => {
		restarting = stop()
			.then(() => sleep(seconds * 1000, undefined, { signal: closing.signal }).catch(() => {}))
			.then(async () => {
				if (!closing.signal.aborted) await Promise.all([registration.start(), broker.start()]);
			});
		return restarting;
	};
	const administration = new Administration({
		platforms,
		products,
		broker,
		certificates,
		trust,
		faults,
		journal,
		restart,
	});
	administration.setFaults(options.faults ?? []);
	const admin = createHttpServer(
		timeouts,
		listener(
			adminHandler(administration, () => place && { ...place, ca: resolve(place.ca) }),
			bug,
		),
	);

	let sntp: SntpServer | undefined;
	let place: Pick<Cloud, "urls" | "ca"> | undefined;
	const authority = await authorityFile(options.state, own.authority.certificate);
	const close = async (): Promise<void> => {
		closing.abort();
		// Its failure has been told to who asked for it.
		await restarting.catch(() => {});
		await Promise.all([stop(), sntp?.close(), closeServer(admin)]);
		await authority.remove();
		await file?.close();
	};
	try {
		await registration.start();
		const adminPort = await listen(admin, "admin", "127.0.0.1", ports.admin);
		sntp = await startSntpServer({
			host,
			port: ports.sntp,
			offset: () => administration.time().offset * 1000,
			silent: () => administration.time().silent,
		});
		await broker.start();
		if ([...products.all()].some(({ auth }) => auth === "certificate")) certificates.prepare();
		const reached = reachableHost(host);
		place = {
			urls: {
				http: `http://${reached}:${registration.ports.http}`,
				https: `https://${reached}:${registration.ports.https}`,
				mqtt: `mqtt://${reached}:${broker.ports.mqtt}`,
				mqtts: `mqtts://${reached}:${broker.ports.mqtts}`,
				mutual: `mqtts://${reached}:${broker.ports.mutual}`,
				sntp: `sntp://${reached}:${sntp.port}`,
				admin: `http://127.0.0.1:${adminPort}`,
			},
			ca: authority.path,
		};
		return { ...place, administration, close };
	} catch (error) {
		await close();
		throw error;
	}
}

async function restore(path: string): Promise<State | undefined> {
	const state = (await readState(path)) as Partial<State> | undefined;
	if (state === undefined || state?.version === 1) return state as State | undefined;
	throw new Error(`${path} is not a state file of this version of the local cloud: move it away, or name another`);
}

/** The names that the certificate has: this machine's, and the platforms' own. */
function names(host: string): [string, ...string[]] {
	const addresses = host === "0.0.0.0" ? localAddresses() : [host];
	return ["localhost", ...new Set(["127.0.0.1", ...addresses, ...platforms.flatMap(({ hostNames }) => hostNames)])];
}

function reachableHost(host: string): string {
	return host === "0.0.0.0" ? (localAddresses()[0] ?? "127.0.0.1") : host;
}

/** IPv4, as boards on the network see this machine. */
function localAddresses(): string[] {
	return Object.values(networkInterfaces())
		.flat()
		.filter((address) => address?.family === "IPv4" && !address.internal)
		.map((address) => address?.address ?? "");
}

/** Beside the state file (`state.json`: `state.ca.pem`), or in a folder that is removed with the cloud. */
async function authorityFile(
	state: string | undefined,
	certificate: string,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
	if (state !== undefined) {
		const path = `${state.replace(/\.json$/, "")}.ca.pem`;
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, certificate);
		return { path, remove: async () => {} };
	}
	const folder = await mkdtemp(join(tmpdir(), "dynreg-cloud-"));
	const path = join(folder, "ca.pem");
	await writeFile(path, certificate);
	return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
