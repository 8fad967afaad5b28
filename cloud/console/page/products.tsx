/** Products: create, switch registration, limit, secret, import of names. */

import { useEffect, useState } from "preact/hooks";
import { change, productPath } from "./api.js";
import { linkTo, useLoaded, usePlatforms } from "./hooks.js";
import { namesIn } from "./names-file.js";
import {
	Action,
	act,
	authNames,
	Badge,
	copy,
	Dialog,
	Empty,
	Failure,
	notify,
	Panel,
	registrationNames,
	SelectField,
	TextField,
	violation,
} from "./parts.js";
import type { Auth, Platform, Product } from "./types.js";

export function ProductsPage({ values }: { readonly values: URLSearchParams }) {
	const [creating, setCreating] = useState(values.has("new"));
	const {
		value: products,
		error,
		reload,
	} = useLoaded<readonly Product[]>(
		"/products",
		(event) =>
			(event.type === "change" && event.path.startsWith("/products")) ||
			(event.type === "journal" && event.operation.startsWith("register/")),
	);
	const platforms = usePlatforms();
	return (
		<>
			<div class="buttons">
				<button type="button" class="primary" onClick={() => setCreating(true)}>
					Create a product
				</button>
			</div>
			<Failure text={error} />
			{products?.length === 0 && (
				<Empty title="There is no product yet.">
					<p>A product is what a batch of boards shares: its id, its secret, and who may register.</p>
				</Empty>
			)}
			{products?.map((product) => (
				<ProductPanel
					key={`${product.platform}/${product.id}`}
					product={product}
					platform={platforms.find(({ name }) => name === product.platform)}
				/>
			))}
			{creating && platforms.length > 0 && (
				<NewProduct
					platforms={platforms}
					onClose={() => {
						setCreating(false);
						reload();
					}}
				/>
			)}
		</>
	);
}

function ProductPanel({ product, platform }: { readonly product: Product; readonly platform: Platform | undefined }) {
	const { id, auth, registration, limit, devices, instanceId } = product;
	const path = productPath(product.platform, id);
	const [newLimit, setNewLimit] = useState<string>();
	/** Until the cloud has it. */
	const [chosen, setChosen] = useState<string>();
	useEffect(() => setChosen(undefined), [registration]);
	const put = (body: object, done: string) => act(done, () => change("PUT", path, body));
	const choose = (mode: string) => {
		setChosen(mode);
		void put({ registration: mode }, `${id}: registration ${registrationNames[mode] ?? mode}.`).then(
			(succeeded) => succeeded || setChosen(undefined),
		);
	};
	return (
		<Panel
			title={id}
			actions={
				<>
					<a class="button" href={linkTo(["start"], { platform: product.platform, product: id })}>
						Start a board
					</a>
					<Action
						label="Delete"
						tone="danger"
						method="DELETE"
						path={path}
						done={`The product ${id} is deleted.`}
						confirm={`Delete ${id} and its ${devices.toLocaleString("en")} devices? Their boards are refused from then on.`}
					/>
				</>
			}
		>
			<p class="facts">
				<Badge tone="plain">{platform?.title ?? product.platform}</Badge>
				<Badge tone="plain">{authNames[auth] ?? auth}</Badge>
				{instanceId !== undefined && <Badge tone="plain">{instanceId}</Badge>}
				<a href={linkTo(["devices"], { platform: product.platform, product: id })}>
					{devices.toLocaleString("en")} {devices === 1 ? "device" : "devices"}
				</a>
			</p>
			<div class="controls">
				<fieldset>
					<legend>
						Who may register<span class="hidden"> ({id})</span>
					</legend>
					<div class="segments">
						{(platform?.registration.modes ?? [registration]).map((mode) => (
							<label key={mode}>
								<input
									type="radio"
									name={`registration-${product.platform}-${id}`}
									checked={mode === (chosen ?? registration)}
									onChange={() => choose(mode)}
								/>
								<span>{registrationNames[mode] ?? mode}</span>
							</label>
						))}
					</div>
				</fieldset>
				<form
					class="inline"
					onSubmit={(event) => {
						event.preventDefault();
						void put({ limit: Number(newLimit ?? limit) }, `${id}: the limit is ${newLimit ?? limit}.`);
						setNewLimit(undefined);
					}}
				>
					<TextField
						label="Limit of devices that registration creates"
						of={id}
						type="number"
						value={newLimit ?? String(limit)}
						onInput={setNewLimit}
					/>
					<button type="submit" disabled={newLimit === undefined || newLimit === String(limit)}>
						Set
					</button>
				</form>
				<Secret path={path} id={id} />
				<Names path={path} id={id} />
			</div>
		</Panel>
	);
}

/** Never in the page unless asked for. */
function Secret({ path, id }: { readonly path: string; readonly id: string }) {
	const [secret, setSecret] = useState<string>();
	const read = async () => (await change<{ secret: string }>("POST", `${path}/secret`)).secret;
	return (
		<fieldset class="secret">
			<legend>
				Product secret<span class="hidden"> ({id})</span>
			</legend>
			<span class="value">{secret ?? "••••••••••••"}</span>
			<button
				type="button"
				class="small"
				aria-pressed={secret !== undefined}
				onClick={() =>
					secret !== undefined
						? setSecret(undefined)
						: void read().then(setSecret, (error: Error) => notify(error.message, true))
				}
			>
				{secret === undefined ? "Show" : "Hide"}
			</button>
			<button
				type="button"
				class="small"
				onClick={() =>
					void read().then(
						(text) => copy(text, "The product secret is"),
						(error: Error) => notify(error.message, true),
					)
				}
			>
				Copy
			</button>
		</fieldset>
	);
}

/** Names in one request: a body has at most 16 KB. */
const namesAtATime = 250;

function Names({ path, id }: { readonly path: string; readonly id: string }) {
	const [progress, setProgress] = useState<string>();
	const [name, setName] = useState("");
	const read = async (file: File) => {
		const names = namesIn(await file.text());
		let created = 0;
		await act(`${id}: the names of ${file.name} are imported.`, async () => {
			if (names.length === 0)
				throw new Error(`${file.name} has no names. Expected CSV with names in the first column.`);
			for (let from = 0; from < names.length; from += namesAtATime) {
				setProgress(`${from.toLocaleString("en")} of ${names.length.toLocaleString("en")}`);
				const part = names.slice(from, from + namesAtATime);
				created += (await change<{ created: number }>("POST", `${path}/devices`, { names: part })).created;
			}
			notify(`${created.toLocaleString("en")} new devices of ${names.length.toLocaleString("en")} names.`);
		});
		setProgress(undefined);
	};
	return (
		<>
			<form
				class="inline"
				onSubmit={(event) => {
					event.preventDefault();
					void act(`The device ${name} is created.`, () =>
						change("PUT", `${path}/devices/${encodeURIComponent(name)}`, {}),
					).then((succeeded) => succeeded && setName(""));
				}}
			>
				<TextField label="New device" of={id} value={name} placeholder="device name" onInput={setName} />
				<button type="submit" disabled={name === ""}>
					Create
				</button>
			</form>
			<label class="file">
				<span>{progress ?? "Import names: a file of dynreg factory, or CSV"}</span>
				<input
					type="file"
					accept=".csv,.txt,text/csv,text/plain"
					disabled={progress !== undefined}
					aria-label={`Import names (${id})`}
					onChange={({ currentTarget }) => {
						const file = currentTarget.files?.[0];
						// So that the same file, once it has changed, can be chosen again.
						currentTarget.value = "";
						if (file) void read(file);
					}}
				/>
			</label>
		</>
	);
}

function randomSecret(): string {
	return [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => (byte % 36).toString(36)).join("");
}

function NewProduct({ platforms, onClose }: { readonly platforms: readonly Platform[]; onClose(): void }) {
	const [name, setName] = useState(platforms[0]?.name ?? "");
	const platform = platforms.find((each) => each.name === name) as Platform;
	const [id, setId] = useState("");
	const [secret, setSecret] = useState(randomSecret);
	const [auth, setAuth] = useState<Auth>("key");
	const [registration, setRegistration] = useState(platform.registration.default);
	const [limit, setLimit] = useState("1000");
	const [authority, setAuthority] = useState("");
	const [instanceId, setInstanceId] = useState("");
	const [error, setError] = useState<string>();
	const choosePlatform = (chosen: string) => {
		const other = platforms.find((each) => each.name === chosen) as Platform;
		setName(chosen);
		setRegistration(other.registration.default);
		setAuth(other.auths[0] ?? "key");
	};
	const create = async () => {
		const body = {
			secret,
			auth,
			registration,
			limit: Number(limit),
			...(auth === "private-ca" && { authority }),
			...(instanceId !== "" && { instanceId }),
		};
		try {
			await change("PUT", productPath(name, id), body);
			notify(`The product ${id} is created.`);
			onClose();
		} catch (failure) {
			setError((failure as Error).message);
		}
	};
	const mistake = violation(id, platform.productId) ?? violation(secret, platform.productSecret);
	return (
		<Dialog title="Create a product" onClose={onClose}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					void create();
				}}
			>
				<SelectField
					label="Platform"
					value={name}
					choices={platforms.map((each) => [each.name, each.title])}
					onChange={choosePlatform}
				/>
				<TextField
					label={platform.productIdName}
					value={id}
					required
					placeholder="MYLAMP0001"
					hint={violation(id, platform.productId)}
					onInput={setId}
				/>
				<TextField
					label="Product secret"
					value={secret}
					required
					hint={violation(secret, platform.productSecret) ?? "Made up here. Boards need it to register."}
					onInput={setSecret}
				/>
				{platform.auths.length > 1 && (
					<SelectField
						label="Devices authenticate with"
						value={auth}
						choices={platform.auths.map((each) => [each, authNames[each] ?? each])}
						onChange={(each) => setAuth(each as Auth)}
					/>
				)}
				{auth === "private-ca" && (
					<TextField
						label="Certificate of your CA, PEM"
						value={authority}
						lines={4}
						required
						placeholder="-----BEGIN CERTIFICATE-----"
						onInput={setAuthority}
					/>
				)}
				<SelectField
					label="Who may register"
					value={registration}
					choices={platform.registration.modes.map((mode) => [mode, registrationNames[mode] ?? mode])}
					onChange={(mode) => setRegistration(mode as Product["registration"])}
				/>
				<TextField label="Limit of devices that registration creates" type="number" value={limit} onInput={setLimit} />
				{platform.hasInstances && (
					<TextField label="Instance id" value={instanceId} placeholder="any" onInput={setInstanceId} />
				)}
				<Failure text={error} />
				<div class="buttons">
					<button type="button" onClick={onClose}>
						Cancel
					</button>
					<button type="submit" class="primary" disabled={id === "" || mistake !== undefined}>
						Create
					</button>
				</div>
			</form>
		</Dialog>
	);
}
