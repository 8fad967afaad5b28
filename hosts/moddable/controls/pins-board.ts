import Digital from "pins/digital";
import type { Input, Output } from "./pin.js";

/** @throws Error when there is no such pin */
export const input = (pin: number): Input => new Digital(pin, Digital.InputPullUp) as Input & Digital;

/** @throws Error when there is no such pin */
export const output = (pin: number): Output => new Digital(pin, Digital.Output) as Output & Digital;
