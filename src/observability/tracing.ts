import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** Where a trace stands, as text that another process can go on from; empty without an OpenTelemetry SDK. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** What a span tells. */
export interface SpanOptions {
  readonly attributes: Attributes;
  /** Where the trace stood when this work was asked for, if that was in another process or earlier. */
  readonly parent?: TraceCarrier | undefined;
}

// Without an SDK all of this does nothing: the API of OpenTelemetry is made of empty calls then.
const tracer = () => trace.getTracer('tandem');

/** Where the present trace stands; undefined when nobody traces. */
export function presentTrace(): TraceCarrier | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.keys(carrier).length === 0 ? undefined : carrier;
}

/** Does work within a span. An error is noted by its name alone: its words may quote a record. */
export function inSpan<T>(name: string, { attributes, parent }: SpanOptions, work: () => Promise<T>): Promise<T> {
  const from = parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, parent);
  return tracer().startActiveSpan(name, { attributes }, from, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Begins the span of a request to another system; call what it answers with the outcome. */
export function beginRequestSpan(name: string, attributes: Attributes): (outcome: Attributes, failed: boolean) => void {
  const span = tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes });
  return (outcome, failed) => {
    span.setAttributes(outcome);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
