//===- ThreadTest.cpp - Parallel loops ------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <atomic>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fake;

namespace {
class Threads : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(posenc_device_open("cpu", nullptr, &device), POSENC_OK); }
  void TearDown() override { posenc_device_close(device); }

  posenc_device *device = nullptr;
};
} // namespace

/// posenc_rt_parallel_for with a lambda.
template <class Body> static void parallelFor(int64_t count, int64_t grain, Body body) {
  posenc_rt_parallel_for([](void *context, int64_t begin,
                            int64_t end) { (*static_cast<Body *>(context))(begin, end); },
                         &body, count, grain);
}

TEST_F(Threads, EveryIndexOnce) {
  for (int64_t count : {0, 1, 2, 7, 100, 100000})
    for (int64_t grain : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> seen(count);
      EXPECT_EQ(call(device,
                     [&] {
                       parallelFor(count, grain, [&](int64_t begin, int64_t end) {
                         EXPECT_LT(begin, end);
                         EXPECT_TRUE(end == count || end - begin >= grain);
                         for (int64_t i = begin; i < end; ++i)
                           ++seen[i];
                       });
                     }),
                POSENC_OK);
      for (std::atomic<int> &times : seen)
        ASSERT_EQ(times, 1);
    }
}

TEST_F(Threads, FailureReachesTheCaller) {
  for (int64_t bad : {0, 37, 99}) {
    EXPECT_EQ(call(device,
                   [&] {
                     posenc_rt_malloc(16);
                     parallelFor(100, 1, [&](int64_t begin, int64_t end) {
                       posenc_rt_malloc(16);
                       if (begin <= bad && bad < end)
                         posenc_rt_assert_failed("in a thread");
                     });
                     ADD_FAILURE() << "the call went on";
                   }),
              POSENC_ERROR_ASSERTION);
    EXPECT_STREQ(posenc_last_error(), "in a thread");
  }
}

TEST_F(Threads, Nested) {
  std::atomic<int64_t> sum{0};
  EXPECT_EQ(call(device,
                 [&] {
                   parallelFor(20, 1, [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i)
                       parallelFor(50, 1, [&](int64_t from, int64_t to) { sum += to - from; });
                   });
                 }),
            POSENC_OK);
  EXPECT_EQ(sum, 1000);
  EXPECT_EQ(call(device,
                 [&] {
                   parallelFor(20, 1, [&](int64_t, int64_t) {
                     parallelFor(50, 1, [&](int64_t, int64_t) {
                       posenc_rt_assert_failed("deep inside");
                     });
                   });
                 }),
            POSENC_ERROR_ASSERTION);
  EXPECT_STREQ(posenc_last_error(), "deep inside");
}

TEST_F(Threads, ManyCallers) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum{0};
  for (int t = 0; t < 6; ++t)
    callers.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        posenc_status status = call(device, [&] {
          parallelFor(64, 1, [&](int64_t begin, int64_t end) {
            sum += end - begin;
            if (t == 0)
              posenc_rt_assert_failed("one caller");
          });
        });
        EXPECT_EQ(status, t == 0 ? POSENC_ERROR_ASSERTION : POSENC_OK);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_GE(sum, 5 * 50 * 64);
}

TEST_F(Threads, HostProgramsPool) {
  int user = 0;
  posenc_set_parallel_for(
      [](void *user, uint64_t count, void (*task)(void *, uint64_t), void *context) {
        ++*static_cast<int *>(user);
        // Backwards, which is as good an order as any.
        while (count-- > 0)
          task(context, count);
      },
      &user, 3);
  EXPECT_EQ(posenc_thread_count(), 3u);
  int64_t sum = 0;
  EXPECT_EQ(call(device,
                 [&] {
                   parallelFor(100, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
                 }),
            POSENC_OK);
  EXPECT_EQ(sum, 100);
  EXPECT_EQ(user, 1);
  EXPECT_EQ(call(device,
                 [&] {
                   parallelFor(100, 1,
                               [&](int64_t, int64_t) { posenc_rt_assert_failed("theirs"); });
                 }),
            POSENC_ERROR_ASSERTION);
  EXPECT_STREQ(posenc_last_error(), "theirs");
  // One that throws does not take the program with it.
  posenc_set_parallel_for([](void *, uint64_t, void (*)(void *, uint64_t),
                             void *) { throw std::runtime_error("their pool is full"); },
                          nullptr, 2);
  EXPECT_EQ(call(device, [&] { parallelFor(100, 1, [](int64_t, int64_t) {}); }),
            POSENC_ERROR_INVALID);
  EXPECT_STREQ(posenc_last_error(), "their pool is full");
  posenc_set_parallel_for(nullptr, nullptr, 0);
}

/// Runs `body` in a fresh process with a variable set and returns its exit code.
template <class Body> static int inProcess(const char *variable, const char *value, Body body) {
  pid_t child = fork();
  if (child == 0) {
    unsetenv("POSENC_NUM_THREADS");
    unsetenv("OMP_NUM_THREADS");
    setenv(variable, value, 1);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The pool is made once in a process: each count is asked for in a new one.
TEST(ThreadCount, FromTheEnvironment) {
  char path[4096] = {};
  ASSERT_GT(readlink("/proc/self/exe", path, sizeof(path) - 1), 0);
  auto ask = [&](const char *variable, const char *value) {
    return inProcess(variable, value, [&] {
      execl(path, path, "--gtest_filter=DISABLED_PrintThreadCount.*",
            "--gtest_also_run_disabled_tests", nullptr);
      return 255;
    });
  };
  EXPECT_EQ(ask("POSENC_NUM_THREADS", "5"), 5);
  EXPECT_EQ(ask("OMP_NUM_THREADS", "3"), 3);
  EXPECT_EQ(ask("OMP_NUM_THREADS", "4,2"), 4);
  int all = ask("OMP_NUM_THREADS", "");
  EXPECT_GE(all, 1);
  for (const char *bad : {"0", "-1", "many", "99999999999", "3x"})
    EXPECT_EQ(ask("POSENC_NUM_THREADS", bad), all) << bad;
}

/// Not a test: what the one above runs. Also that a process ends while the pool lives.
TEST(DISABLED_PrintThreadCount, AsExitCode) {
  std::atomic<int64_t> sum{0};
  parallelFor(1000, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
  exit(sum == 1000 ? int(posenc_thread_count()) : 254);
}

TEST(Fork, LoopsRunInTheChild) {
  std::atomic<int64_t> sum{0};
  auto loop = [&] {
    sum = 0;
    parallelFor(1000, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    return sum == 1000 ? 0 : 1;
  };
  ASSERT_EQ(loop(), 0); // the threads exist
  EXPECT_EQ(inProcess("UNUSED", "1", loop), 0);
  // And the child ends by itself, with destructors.
  EXPECT_EQ(inProcess("UNUSED", "1",
                      [&] {
                        exit(loop());
                        return 1;
                      }),
            0);
}
