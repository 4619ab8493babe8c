"""GFLOP/s over length, a panel per head size and mask."""
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402


def draw(report, path):
    long = [r for r in report["results"] if r["group"] == "long"]
    panels = sorted({(r["size"], r["causal"]) for r in long})
    if not panels:
        return
    figure, axes = plt.subplots(1, len(panels), figsize=(4.5 * len(panels), 4), sharey=True,
                                squeeze=False)
    for axis, (size, causal) in zip(axes[0], panels):
        mine = [r for r in long if (r["size"], r["causal"]) == (size, causal)]
        lines = {}
        for r in mine:
            lines.setdefault("sgemm 2048³", {})[r["queries"]] = r["sgemm_gflops"]
            for name, value in r["gflops"].items():
                if name == "posenc" or r["bias"] == "t5" or (name == "sdpa" and r["bias"] == "none"):
                    label = f"{name}, {r['bias']}" if name != "sdpa" else "sdpa without bias"
                    lines.setdefault(label, {})[r["queries"]] = value
        for label, points in lines.items():
            style = "k:" if label.startswith("sgemm") else "-o" if "posenc" in label else "--s"
            axis.plot(sorted(points), [points[n] for n in sorted(points)], style, label=label,
                      markersize=3)
        axis.set_title(f"head size {size}" + (", causal" if causal else ""))
        axis.set_xscale("log", base=2)
        axis.set_xlabel("length")
    axes[0][0].set_ylabel("GFLOP/s")
    axes[0][-1].legend(fontsize=7)
    figure.suptitle(f"{report['cpu']}, {report['threads']} threads, {report['date']}", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
