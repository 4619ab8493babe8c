// DeepSeek-V4: keys are values. The trailing channels of queries, keys and values turn, those of the output turn back, so
// that a value arrives turned by j - i. Learned sinks.
// FIXTURE: transformers_deepseek_v4
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x16xf32>
!k = tensor<1x1x13x16xf32>
func.func @main(%q: !q, %kv: !k, %positions: tensor<1x13xi64>, %sinks: tensor<2xf32>) -> !q {
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %positions by(%w) : tensor<1x13xi64>, tensor<4xf32> -> tensor<1x13x4xf32>
  %qr = posenc.rotate %q by(%a) interleaved trailing : !q, tensor<1x13x4xf32>
  %kr = posenc.rotate %kv by(%a) interleaved trailing : !k, tensor<1x13x4xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.25) ins(%qr, %kr, %kr : !q, !k, !k) outs(%init : !q) sinks(%sinks : tensor<2xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  %back = posenc.rotate %out by(%a) interleaved trailing inverse : !q, tensor<1x13x4xf32>
  return %back : !q
}
