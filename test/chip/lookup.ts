import SimulatorNet from "simulator/net";
import Timer from "timer";

/** Names that nobody answers for; lwip gives up by itself after four tries (`DNS_MAX_RETRIES`). */
const silent = "hangs.test";
/** Milliseconds. */
const patience = 14_000;

/** lwip's `dns_gethostbyname`: any number at once. Names below `test` are this computer's. */
export const lookUp = (name: string, found: (address: string | undefined) => void): void => {
	if (name === silent) Timer.set(() => found(undefined), patience);
	else if (/^[\d.]+$/.test(name)) Timer.set(() => found(name));
	else if (name.endsWith(".test")) Timer.set(() => found("127.0.0.1"));
	else SimulatorNet.resolve(name, (_, address) => found(address));
};
