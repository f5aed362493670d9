// Inference calls over HTTP, and their error table.
#include "workload/inference_transport.h"

namespace squall {
namespace {

constexpr int kStatusOk = 200;

Answer answer_of(const InferenceShape& shape, const InferenceRequest& request,
                 const AsyncHttpEnd& end) {
  if (!end.answer.ok()) return no_answer(end.answer.error(), end.times, HasEffect::kTrue);
  if (end.answer->status != kStatusOk) return fail(http_error(*end.answer));
  const Result<InferenceReply> reply = read_infer_answer(shape, *end.answer);
  return reply.ok() ? ok(to_json(request, *reply)) : info(reply.error().what);
}

}  // namespace

Result<InferenceSend> inference_over_http(const InferenceServers& servers,
                                          const InferenceShape& shape) {
  const auto http =
      std::make_shared<AsyncHttp>(TRY(AsyncHttp::open(servers.addresses, servers.spread)));
  return InferenceSend([http, shape, target = infer_target(shape)](const InferenceQuery& query,
                                                                   MonoTime deadline, Done done) {
    AsyncHttpRequest request{.target = target,
                             .fields = request_fields(query),
                             .body = infer_body(shape, query.request)};
    http->post(std::move(request), deadline,
               [shape, asked = query.request, done = std::move(done)](const AsyncHttpEnd& end) {
                 Answer answer = answer_of(shape, asked, end);
                 answer.first_byte = end.times.first_byte;
                 done(std::move(answer));
               });
  });
}

}  // namespace squall
