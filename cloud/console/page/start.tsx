/** Start a board: its configuration as a file, as arguments and as a QR code; a virtual one; the CA. */

import { useEffect, useMemo, useState } from "preact/hooks";
import encodeQR from "qr";
import { change, productPath } from "./api.js";
import { linkTo, titleOfPlatform, useLoaded, usePlatforms, useTimeline } from "./hooks.js";
import { Ago, Code, Empty, Failure, Panel, SaveButton, SelectField, TextField, violation } from "./parts.js";
import type { CloudDescription, Product } from "./types.js";

interface Prepared {
	readonly configuration: Readonly<Record<string, unknown>>;
	readonly arguments: readonly string[];
}

export function StartPage({ values }: { readonly values: URLSearchParams }) {
	const { value: products } = useLoaded<readonly Product[]>("/products", (event) => event.type === "change");
	const platforms = usePlatforms();
	const { value: cloud } = useLoaded<CloudDescription>("/");
	const wanted = `${values.get("platform")}/${values.get("product")}`;
	const [deviceName, setDeviceName] = useState("board-1");
	const [prepared, setPrepared] = useState<Prepared>();
	const [error, setError] = useState<string>();
	const [shown, setShown] = useState(false);
	const product = products?.find(({ platform, id }) => `${platform}/${id}` === wanted) ?? products?.[0];
	const platform = platforms.find(({ name }) => name === product?.platform);
	const mistake = violation(deviceName, platform?.deviceName);
	const path = product && productPath(product.platform, product.id, "board");

	// The secret comes only when a person asks for it.
	useEffect(() => {
		setPrepared(undefined);
		setError(undefined);
		if (!shown || path === undefined || mistake !== undefined) return undefined;
		let isCurrent = true;
		change<Prepared>("POST", path, deviceName === "" ? {} : { deviceName }).then(
			(result) => isCurrent && setPrepared(result),
			(failure: Error) => isCurrent && setError(failure.message),
		);
		return () => {
			isCurrent = false;
		};
	}, [shown, path, deviceName, mistake]);

	if (products?.length === 0)
		return (
			<Empty title="A board needs a product.">
				<a class="button primary" href={linkTo(["products"], { new: "1" })}>
					Create a product
				</a>
			</Empty>
		);
	return (
		<>
			<div class="filters">
				<SelectField
					label="Product"
					value={product ? `${product.platform}/${product.id}` : ""}
					choices={(products ?? []).map(({ platform: name, id }) => [
						`${name}/${id}`,
						`${id} (${titleOfPlatform(platforms, name)})`,
					])}
					onChange={(text) => {
						const [name = "", id = ""] = text.split("/");
						location.hash = linkTo(["start"], { platform: name, product: id });
					}}
				/>
				<TextField
					label="Device name"
					value={deviceName}
					placeholder="the board's MAC address"
					hint={mistake}
					onInput={setDeviceName}
				/>
				<div class="field">
					<span class="label" aria-hidden="true">
						Holds the product secret
					</span>
					<button type="button" class={shown ? "" : "primary"} aria-pressed={shown} onClick={() => setShown(!shown)}>
						{shown ? "Hide the configuration" : "Show the configuration"}
					</button>
				</div>
			</div>
			{product?.registration === "off" && (
				<p class="failure">Registration of {product.id} is off: the board will be refused.</p>
			)}
			{product?.registration === "pre-created" && deviceName !== "" && (
				<PreCreated product={product} deviceName={deviceName} />
			)}
			<Failure text={error} />
			{prepared && <Configuration prepared={prepared} />}
			{cloud && <Authority cloud={cloud} />}
			{product && <Watch product={product} deviceName={deviceName} />}
		</>
	);
}

function PreCreated({ product, deviceName }: { readonly product: Product; readonly deviceName: string }) {
	const path = productPath(product.platform, product.id, "devices", deviceName);
	const { value, error, reload } = useLoaded<object>(
		path,
		(event) => event.type === "change" && event.path.startsWith("/products"),
	);
	if (value || error === undefined) return null;
	return (
		<p class="failure">
			{product.id} takes only names that were created before.{" "}
			<button type="button" class="small" onClick={() => void change("PUT", path, {}).then(reload, reload)}>
				Create {deviceName}
			</button>
		</p>
	);
}

function Configuration({ prepared: { configuration, arguments: given } }: { readonly prepared: Prepared }) {
	const file = JSON.stringify(configuration, undefined, 2);
	const command = `mcconfig -d -m -p esp32 ssid=… password=… ${given.map(shellQuoted).join(" ")}`;
	return (
		<div class="columns">
			<div class="stack">
				<Panel
					title="On this computer"
					actions={<SaveButton name="board.json" content={`${file}\n`} label="Save board.json" />}
				>
					<Code text={file} what="The configuration" />
					<p>A virtual board, without hardware:</p>
					<Code text="npx dynreg board --config board.json --store board.flash" what="The command" />
				</Panel>
			</div>
			<div class="stack">
				<Panel title="On a real board">
					<p>
						With <code>dynreg</code>, from the same file; no secret is on a command line:
					</p>
					<Code text="npx dynreg flash --platform esp32 --config board.json" what="The command for flash" />
					<p>
						With <code>mcconfig</code>, in the folder of your application, with authority.der as a resource:
					</p>
					<Code text={command} what="The arguments" />
					{file.includes("//127.0.0.1:") && (
						<p class="hint">
							A real board cannot reach 127.0.0.1. Start the cloud with <code>--host 0.0.0.0</code>.
						</p>
					)}
				</Panel>
				<Panel title="QR code">
					<QrCode text={JSON.stringify({ ...configuration, ca: undefined })} />
					<p class="hint">The configuration as JSON, without the CA.</p>
				</Panel>
			</div>
		</div>
	);
}

/** @returns the text as one word of a POSIX shell */
function shellQuoted(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function QrCode({ text }: { readonly text: string }) {
	const { path, size } = useMemo(() => {
		const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
		const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
		return { path: squares.join(""), size: rows.length };
	}, [text]);
	return (
		<svg
			class="qr"
			viewBox={`0 0 ${size} ${size}`}
			role="img"
			aria-label="QR code of the configuration"
			shape-rendering="crispEdges"
		>
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#000" />
		</svg>
	);
}

function Authority({ cloud: { ca, authority } }: { readonly cloud: CloudDescription }) {
	const der = useMemo(() => {
		const base64 = authority.replaceAll(/-----[^-]+-----|\s/g, "");
		return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
	}, [authority]);
	return (
		<Panel
			title="Certificate authority"
			actions={
				<>
					<SaveButton name="cloud.ca.pem" content={authority} label="Save PEM" />
					<SaveButton name="authority.der" content={der} label="Save DER" />
				</>
			}
		>
			<p>
				Boards have to trust this CA. On this computer it is the file <code>{ca}</code>.
			</p>
		</Panel>
	);
}

/** The board appears here when it registers. */
function Watch({ product, deviceName }: { readonly product: Product; readonly deviceName: string }) {
	const events = useTimeline({ type: "journal", product: product.id, device: deviceName });
	const [latest] = (events ?? []).filter((event) => event.type === "journal");
	return (
		<Panel title="The board">
			{latest?.type === "journal" ? (
				<p role="status">
					<strong>{latest.operation}</strong> {latest.verdict}: {latest.reason} <Ago time={latest.time} />{" "}
					<a href={linkTo(["devices", product.platform, product.id, deviceName])}>Its page</a>
				</p>
			) : (
				<p class="waiting" role="status">
					<span class="dot" aria-hidden="true" />
					Waiting for {deviceName === "" ? "a board" : deviceName} …
				</p>
			)}
		</Panel>
	);
}
