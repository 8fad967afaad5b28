import Digital from "pins/digital";
import type { Input, Output } from "./pin.js";

/** @throws Error when there is no such pin */
export function input(pin: number): Input {
	return new Digital(pin, Digital.InputPullUp) as Input & Digital;
}

/** @throws Error when there is no such pin */
export function output(pin: number): Output {
	return new Digital(pin, Digital.Output) as Output & Digital;
}
