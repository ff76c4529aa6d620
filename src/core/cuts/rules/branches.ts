import { subgraphs } from '../../onnx/graph/attributes.ts';
import type { CutRule } from '../site.ts';

/** A merged decoder's If: its bodies hand on values of the graph around it, so each result is cut as what it is. */
export const branches: CutRule = {
  spread: (site) => {
    const { node } = site;
    for (const body of subgraphs(node)) {
      if (body.nodes.length > 0) site.refuse('computes in its branches');
      body.outputs.forEach(({ name }, i) => {
        const [inside, outside] = [site.mark(name), site.mark(node.outputs[i])];
        if (inside) site.put(node.outputs[i], inside.axis, inside.labels);
        if (outside) site.put(name, outside.axis, outside.labels);
      });
    }
  },
};
