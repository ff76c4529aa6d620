import { isAdapterInput } from '../core/adapters/inputs.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Value } from '../core/tensor/values.ts';
import { breathe } from './breathe.ts';
import { explainOrtError } from './ort-errors.ts';
import { fromOrtTensor, portsOf, toOrtTensor } from './ort-values.ts';
import { makeValue } from './values.ts';
import type { OrtModule, OrtSession, OrtTensor } from './ort.ts';
import type { Queue } from './queue.ts';
import type { Device, DeviceValue, PortInfo, Session } from './types.ts';
import { OrtDeviceValue } from './device-value.ts';

/** Errors reach the user as sentences; ORT's own log would only repeat them on the console. */
const QUIET = { logSeverityLevel: 4 } as const;

/** What a session needs from its runtime. */
export interface SessionHost {
  readonly ort: OrtModule;
  readonly device: Device;
  readonly queue: Queue;
  /** Rejects as soon as the device is gone; undefined where a device cannot be lost. */
  readonly lost?: Promise<never>;
}

/** {@link Session} over one onnxruntime session. */
export class RuntimeSession implements Session {
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  /** Inputs that need not be given: what they stand for is in the file. */
  private readonly optional: readonly PortInfo[];
  private released = false;

  constructor(
    private readonly host: SessionHost,
    private readonly session: OrtSession,
    private readonly onRelease: () => Promise<void>,
  ) {
    const ports = portsOf(session.inputMetadata);
    this.inputs = ports.filter(({ dims }) => !isAdapterInput(dims));
    this.optional = ports.filter(({ dims }) => isAdapterInput(dims));
    this.outputs = portsOf(session.outputMetadata);
  }

  run(feeds: Readonly<Record<string, Value>>, fetches?: readonly string[]) {
    return this.host.queue(() => this.runNow(feeds, fetches));
  }

  runOnDevice(feeds: Readonly<Record<string, Value | DeviceValue>>) {
    return this.host.queue(() => this.runOnDeviceNow(feeds));
  }

  release(): Promise<void> {
    return this.host.queue(() => this.releaseNow());
  }

  private runNow(feeds: Readonly<Record<string, Value>>, fetches?: readonly string[]) {
    const names = fetches ?? this.outputs.map((port) => port.name);
    return this.attempt(feeds, names, (results) => collect(names, results));
  }

  private runOnDeviceNow(feeds: Readonly<Record<string, Value | DeviceValue>>) {
    const names = this.outputs.map((port) => port.name);
    return this.attempt(feeds, names, async (results) =>
      Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, new OrtDeviceValue(name, tensor)]),
      ),
    );
  }

  private async attempt<T>(
    feeds: Readonly<Record<string, Value | DeviceValue>>,
    names: readonly string[],
    use: (results: Readonly<Record<string, OrtTensor>>) => Promise<T>,
  ): Promise<T> {
    if (this.released) throw releasedError();
    const tensors = this.tensors(feeds);
    try {
      const running = this.session.run(tensors, [...names], QUIET);
      const results = await unlessLost(this.host.lost, running);
      const used = await unlessLost(this.host.lost, use(results));
      await breathe();
      return used;
    } catch (error) {
      throw explainOrtError(error, { device: this.host.device, action: 'run' });
    }
  }

  /** Only what the graph asks for: data files may hold more arrays than the model has inputs. */
  private tensors(feeds: Readonly<Record<string, Value | DeviceValue>>): Record<string, OrtTensor> {
    const tensors: Record<string, OrtTensor> = {};
    const given = (name: string) => (Object.hasOwn(feeds, name) ? feeds[name] : undefined);
    const add = (name: string, value: Value | DeviceValue): void => {
      tensors[name] =
        value instanceof OrtDeviceValue
          ? value.tensor
          : toOrtTensor(this.host.ort, name, value as Value);
    };
    for (const { name } of this.inputs) {
      const value = given(name);
      if (value === undefined)
        throw explainOrtError(missing(name), { ...this.host, action: 'run' });
      add(name, value);
    }
    for (const port of this.optional) add(port.name, given(port.name) ?? nothing(port));
    return tensors;
  }

  private async releaseNow(): Promise<void> {
    if (this.released) return;
    this.released = true;
    try {
      await unlessLost(this.host.lost, this.session.release());
    } catch {
      // A session whose device is gone, or whose heap is broken, holds nothing that can be given back.
    }
    await this.onRelease();
  }
}

/** A lost GPU device can leave a call waiting for ever; whoever waits hears of the loss instead. */
export function unlessLost<T>(lost: Promise<never> | undefined, job: Promise<T>): Promise<T> {
  return lost === undefined ? job : Promise.race([job, lost]);
}

async function collect(
  names: readonly string[],
  results: Readonly<Record<string, OrtTensor>>,
): Promise<Record<string, Value>> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const tensor = results[name];
    if (tensor !== undefined) values[name] = await fromOrtTensor(name, tensor);
  }
  return values;
}

/** No rows: takes what the file holds. */
function nothing({ dataType, dims }: PortInfo): Value {
  const rest = dims.slice(1).map((dim) => (typeof dim === 'number' ? dim : 0));
  return makeValue(dataType, [0, ...rest], () => 0);
}

function missing(name: string): Error {
  return new Error(`input '${name}' is missing in 'feeds'`);
}

function releasedError(): LatheError {
  return new LatheError(
    'session-released',
    'This session was already released; open the model again before running it.',
  );
}
