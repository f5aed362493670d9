// The HTTP server and client against each other on loopback, and the server against bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "reference/base/http_client.h"
#include "reference/base/http_date.h"
#include "reference/base/http_server.h"
#include "tests/reference/base_loop_runner.h"

namespace squall::reference {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Http : public testing::Test {
 protected:
  void serve(HttpHandler handler, HttpServerLimits limits = {}) {
    auto server = HttpServer::listen(loop, system_clock(), Endpoint{"127.0.0.1", 0},
                                     std::move(handler), limits);
    ASSERT_TRUE(server.ok()) << server.error().what;
    server_ = std::move(server).value();
  }
  void serve_echo(HttpServerLimits limits = {}) {
    serve(
        [](HttpRequest request, const HttpReply& reply) {
          HttpResponse response{.status = 200};
          response.headers.set("X-Method", request.method);
          response.body = request.target + " " + request.body;
          reply(std::move(response));
        },
        limits);
  }
  HttpOutcome get(const std::string& target) {
    return exchange(loop, client, server_->port(), HttpRequest{.target = target});
  }

  Loop loop;
  HttpClient client{loop};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Http, RequestsOfOneClientShareAConnection) {
  serve_echo();
  const HttpOutcome first = get("/a?b=1");
  ASSERT_TRUE(first.answer.ok()) << first.answer.error().what;
  EXPECT_EQ(first.answer->status, 200);
  EXPECT_EQ(first.answer->body, "/a?b=1 ");
  EXPECT_EQ(first.answer->headers.get("x-method"), "GET");
  EXPECT_THAT(first.answer->headers.get("Date"), EndsWith(" GMT"));
  EXPECT_FALSE(first.was_reused);
  EXPECT_TRUE(first.was_sent);
  const HttpOutcome second =
      exchange(loop, client, server_->port(),
               HttpRequest{.method = "POST", .target = "/b", .body = std::string(100'000, 'x')});
  ASSERT_TRUE(second.answer.ok()) << second.answer.error().what;
  EXPECT_EQ(second.answer->body, "/b " + std::string(100'000, 'x'));
  EXPECT_TRUE(second.was_reused);
  EXPECT_EQ(server_->open_connections(), 1U);
}

TEST_F(Http, AnAnswerMayComeLater) {
  std::vector<HttpReply> waiting;
  serve([&](const HttpRequest&, HttpReply reply) {
    waiting.push_back(std::move(reply));
    loop.post([&] { waiting.back()(HttpResponse{.status = 204}); });
  });
  EXPECT_EQ(get("/").answer->status, 204);
  waiting.back()(HttpResponse{.status = 500});  // a second answer changes nothing
  EXPECT_EQ(get("/").answer->status, 204);
}

TEST_F(Http, ADeadlineThatPassesSaysThatTheRequestWasSent) {
  std::vector<HttpReply> waiting;
  serve([&](const HttpRequest&, HttpReply reply) { waiting.push_back(std::move(reply)); });
  const HttpOutcome outcome =
      exchange(loop, client, server_->port(), HttpRequest{}, std::chrono::milliseconds(30));
  ASSERT_FALSE(outcome.answer.ok());
  EXPECT_EQ(outcome.answer.error().code, Errc::kTimeout);
  EXPECT_TRUE(outcome.was_sent);
}

TEST_F(Http, NobodyListeningMeansNothingWasSent) {
  serve_echo();
  const std::uint16_t port = server_->port();
  server_.reset();
  const HttpOutcome outcome = exchange(loop, client, port, HttpRequest{});
  ASSERT_FALSE(outcome.answer.ok());
  EXPECT_EQ(outcome.answer.error().what,
            "127.0.0.1:" + std::to_string(port) + ": connect: Connection refused");
  EXPECT_FALSE(outcome.was_sent);
}

TEST_F(Http, AKeptConnectionThatTheServerClosedIsNotUsedAgain) {
  serve_echo();
  const std::uint16_t port = server_->port();
  ASSERT_TRUE(get("/").answer.ok());
  server_.reset();
  auto again = HttpServer::listen(
      loop, system_clock(), Endpoint{"127.0.0.1", port},
      [](const HttpRequest&, const HttpReply& reply) { reply(HttpResponse{.status = 202}); });
  ASSERT_TRUE(again.ok()) << again.error().what;
  const HttpOutcome outcome = exchange(loop, client, port, HttpRequest{});
  ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().what;
  EXPECT_EQ(outcome.answer->status, 202);
  EXPECT_FALSE(outcome.was_reused);
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  serve_echo();
  const std::string answer = exchange_bytes(
      loop, server_->port(),
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::size_t first = answer.find("\r\n\r\n/1 ");
  const std::size_t second = answer.find("\r\n\r\n/2 ");
  EXPECT_NE(first, std::string::npos) << answer;
  EXPECT_NE(second, std::string::npos) << answer;
  EXPECT_LT(first, second);
}

TEST_F(Http, WhatIsNotHttpGetsAnErrorAndTheConnectionEnds) {
  serve_echo();
  const std::string answer = exchange_bytes(loop, server_->port(), "NONSENSE\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("{\"error\":\""));
}

TEST_F(Http, TooLargeABodyOrHeaderIsRefused) {
  serve_echo({.header_bytes = 256, .body_bytes = 10});
  EXPECT_THAT(exchange_bytes(loop, server_->port(),
                             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"),
              StartsWith("HTTP/1.1 413 Payload Too Large\r\n"));
  EXPECT_THAT(exchange_bytes(loop, server_->port(),
                             "GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST_F(Http, AClientThatAsksBeforeItSendsIsToldToGoOn) {
  serve_echo();
  const std::string answer = exchange_bytes(loop, server_->port(),
                                            "POST /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                            "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
                                            "ok");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n/c ok"));
}

TEST_F(Http, HeadHasNoBody) {
  serve_echo();
  const HttpOutcome outcome =
      exchange(loop, client, server_->port(), HttpRequest{.method = "HEAD", .target = "/h"});
  ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().what;
  EXPECT_EQ(outcome.answer->headers.get("Content-Length"), "3");
  EXPECT_EQ(outcome.answer->body, "");
}

TEST_F(Http, DrainingAnswersAreTheLastOfTheirConnection) {
  serve_echo();
  EXPECT_FALSE(get("/").answer->is_last);
  server_->begin_drain();
  const HttpOutcome outcome = get("/");
  EXPECT_EQ(outcome.answer->status, 200);
  EXPECT_TRUE(outcome.answer->is_last);
  EXPECT_TRUE(get("/").answer.ok()) << "it still accepts";
}

TEST_F(Http, FinishWaitsForTheAdmittedRequest) {
  std::optional<HttpReply> waiting;
  bool is_finished = false;
  serve([&](const HttpRequest&, HttpReply reply) {
    waiting = std::move(reply);
    server_->finish([&] { is_finished = true; });
    loop.post([&] {
      EXPECT_FALSE(is_finished);
      (*waiting)(HttpResponse{.status = 200, .body = "done"});
    });
  });
  const HttpOutcome outcome = get("/");
  ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().what;
  EXPECT_EQ(outcome.answer->body, "done");
  while (!is_finished) {
    loop.post([&] { loop.stop(); });
    loop.run();
  }
  EXPECT_EQ(server_->open_connections(), 0U);
}

TEST_F(Http, ACallThatIsGivenUpDoesNotCallBack) {
  bool was_called = false;
  serve([&](const HttpRequest&, const HttpReply& reply) { reply(HttpResponse{}); });
  auto call = client.start(Endpoint{"127.0.0.1", server_->port()}, HttpRequest{},
                           std::chrono::seconds(1), [&](const HttpOutcome&) { was_called = true; });
  call.reset();
  EXPECT_TRUE(get("/").answer.ok());
  EXPECT_FALSE(was_called);
}

TEST_F(Http, AStreamIsHandedOverPieceByPiece) {
  serve_echo();
  std::string parts;
  std::optional<HttpOutcome> end;
  auto call = client.stream(
      Endpoint{"127.0.0.1", server_->port()}, HttpRequest{.target = "/s"}, std::chrono::seconds(5),
      [&](std::string_view part) { parts += part; },
      [&](HttpOutcome outcome) {
        end = std::move(outcome);
        loop.stop();
      });
  run_until_stopped(loop);
  ASSERT_TRUE(end && end->answer.ok());
  EXPECT_EQ(parts, "/s ");
  EXPECT_EQ(end->answer->body, "");
}

TEST(HttpDate, IsWrittenAsTheRfcSays) {
  EXPECT_EQ(http_date(WallTime{std::chrono::seconds(784111777)}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpMessage, ATargetFallsIntoDecodedSegments) {
  const auto segments = segments_of(path_of("/v2/models/a%2Fb//ready?x=/y"));
  ASSERT_TRUE(segments);
  EXPECT_THAT(*segments, testing::ElementsAre("v2", "models", "a/b", "ready"));
  EXPECT_FALSE(segments_of("/a%2"));
  EXPECT_FALSE(segments_of("/a%zz"));
}

TEST(Endpoint, IsReadBackAsWritten) {
  for (const std::string text : {"10.0.0.1:80", "[fd00::1]:2379"}) {
    EXPECT_EQ(to_text(parse_endpoint(text).value()), text);
    EXPECT_EQ(to_text(parse_endpoint("http://" + text + "/").value()), text);
  }
  EXPECT_EQ(parse_endpoint("10.0.0.1").error().what, "'10.0.0.1': no port; write ip:port");
  EXPECT_EQ(parse_endpoint("a:80").error().what,
            "'a:80': 'a' is not an IP address; write 10.0.0.1:80 or [fd00::1]:80");
  EXPECT_EQ(parse_endpoint("1.1.1.1:70000").error().what, "'1.1.1.1:70000': '70000' is not a port");
  EXPECT_EQ(parse_endpoints("http://1.1.1.1:1,2.2.2.2:2").value().size(), 2U);
}

}  // namespace
}  // namespace squall::reference
