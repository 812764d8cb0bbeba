// Loaded into a process with --import: an OpenTelemetry SDK that writes each span as a line of the file in SPANS_FILE.
import { appendFileSync } from 'node:fs';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const file = process.env.SPANS_FILE;

const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const { name, parentSpanContext, attributes } = span;
      const line = { name, traceId, spanId, parentSpanId: parentSpanContext?.spanId ?? null, attributes };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    }
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
