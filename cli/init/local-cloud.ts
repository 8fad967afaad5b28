import { randomInt } from "node:crypto";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { AdminError } from "@dynreg/cloud";
import { cloudDescription, serverName } from "@dynreg/cloud/internal/admin/cloud-operations";
import type { ValueOf } from "@dynreg/cloud/internal/admin/schema";
import { parseCertificate } from "@dynreg/cloud/internal/certificates/parse-certificate";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { cloudProfiles } from "dynreg/clouds/profiles";
import { type CloudName, keysOf, productIdKey } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { CloudProfile } from "dynreg/contracts/cloud-profile";
import { replaceControls } from "../terminal/replace-controls.js";
import { checkAdminUrl, ForeignServer, requestAdmin } from "./administration.js";
import type { BoardSecrets } from "./new-board.js";

/** A running local cloud, as it describes itself. */
export interface LocalCloud {
	readonly admin: string;
	/** On this computer. */
	readonly urls: { readonly https: string; readonly mqtts: string };
	/** One certificate of an authority, PEM. */
	readonly authority: string;
}

/**
 * @param admin address of its administration
 * @param timeout milliseconds for its response. Default: half a minute
 * @throws UsageError if it is not on this computer; Error when no local cloud responds there
 */
export async function findLocalCloud(admin: string, timeout?: number): Promise<LocalCloud> {
	checkAdminUrl(admin);
	return explained(admin, async () => {
		const { status, body } = await requestAdmin(admin, "GET", "/", undefined, timeout);
		if (status !== 200) throw new ForeignServer(`It responds with HTTP ${status}.`);
		return { admin, ...describedCloud(body) };
	});
}

/** @throws Error that says what is at the address */
async function explained<Result>(admin: string, run: () => Promise<Result>): Promise<Result> {
	try {
		return await run();
	} catch (error) {
		const next =
			"Start one with dynreg cloud --port-admin 8480 --state .dynreg/cloud.json, or name its address with --admin.";
		if (error instanceof ForeignServer)
			throw new Error(`The program at ${admin} is not a local cloud of dynreg. ${error.message} ${next}`);
		throw new Error(`No local cloud responded at ${admin}. ${next}`, { cause: error });
	}
}

/** @throws ForeignServer unless all of it is as a local cloud on this computer has it */
function describedCloud(body: unknown): Omit<LocalCloud, "admin"> {
	const { urls, authority } = readDescription(body);
	return {
		urls: { https: localUrl("https", urls.https), mqtts: localUrl("mqtts", urls.mqtts) },
		authority: authorityCertificate(authority),
	};
}

function readDescription(body: unknown): ValueOf<typeof cloudDescription> {
	try {
		const description = cloudDescription.read("", body);
		if (description.server === serverName) return description;
	} catch (error) {
		if (!(error instanceof AdminError)) throw error;
	}
	throw new ForeignServer("Its response does not describe a local cloud.");
}

/** @throws ForeignServer */
function localUrl(scheme: string, url: string): string {
	const [, address = "", port] = /^\w+:\/\/([\d.]+):(\d{1,5})$/.exec(url) ?? [];
	const isValid = url.startsWith(`${scheme}://`) && isIPv4(address) && Number(port) > 0 && Number(port) < 65_536;
	if (isValid && isOfThisComputer(address)) return url;
	throw new ForeignServer(
		`Its ${scheme} address ${JSON.stringify(replaceControls(url.slice(0, 60)))} is not on this computer.`,
	);
}

function isOfThisComputer(address: string): boolean {
	if (address.startsWith("127.")) return true;
	return Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === address));
}

/** @returns the certificate alone, without text around it. @throws ForeignServer */
function authorityCertificate(pem: string): string {
	const isAlone = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(pem);
	const certificate = isAlone ? parseCertificate(pem) : undefined;
	if (certificate?.ca) return certificate.toString();
	throw new ForeignServer("Its authority is not a CA certificate.");
}

/**
 * Creates a product, and the device if the platform requires pre-registered names.
 *
 * @throws Error when it knows such a product already
 */
export async function createProduct(
	{ admin }: LocalCloud,
	configuration: RawConfiguration,
	secrets: BoardSecrets,
): Promise<BoardSecrets> {
	const { cloud, deviceName } = configuration;
	const platform = platformNamed(cloud as CloudName);
	const key = productIdKey(platform.name);
	const id = configuration[key];
	const option = keysOf(platform.name)[key]?.question?.option;
	const path = `/products/${cloud}/${id}`;
	const { status } = await explained(admin, () => requestAdmin(admin, "GET", path));
	if (status !== 404)
		throw new Error(
			`The local cloud already has a product ${id} of ${cloud}. Choose another with --${option}, or remove the product with curl -X DELETE ${admin}${path}`,
		);
	await put(admin, path, "productSecret" in secrets ? { secret: secrets.productSecret } : {});
	if (platform.registration.default === "pre-created")
		await put(admin, `${path}/devices/${encodeURIComponent(String(deviceName))}`);
	return "productSecret" in secrets ? secrets : claimOf(await send(admin, "POST", `${path}/board`, {}));
}

/** @throws Error */
function claimOf(body: unknown): BoardSecrets {
	const { claimCertificate, claimKey } = Object(Object(body).configuration) as Readonly<Record<string, unknown>>;
	if (typeof claimCertificate === "string" && typeof claimKey === "string") return { claimCertificate, claimKey };
	throw new Error("The local cloud sent no claim certificate. Update the local cloud to this version of dynreg.");
}

/** As long as the platform's own, of the same letters. */
export function randomProductSecret(cloud: CloudName): string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const { productSecretLength: length = 24 }: CloudProfile = cloudProfiles[cloud];
	return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}

/** @throws Error with the administration's sentence */
function put(admin: string, path: string, body?: unknown): Promise<unknown> {
	return send(admin, "PUT", path, body);
}

/** @returns the body of the response @throws Error with the administration's sentence */
async function send(admin: string, method: string, path: string, body: unknown): Promise<unknown> {
	const { status, body: result } = await explained(admin, () => requestAdmin(admin, method, path, body));
	if (status === 200) return result;
	const { error } = Object(result) as { error?: unknown };
	const sentence = typeof error === "string" ? replaceControls(error) : `HTTP ${status}.`;
	throw new Error(`The local cloud refused the request. ${sentence}`);
}
