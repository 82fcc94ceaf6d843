import asyncio


async def wait():
    try:
        await asyncio.sleep(600)
    finally:
        print("cleaned up")


loop = asyncio.new_event_loop()
task = loop.create_task(wait(), name="waits")
loop.run_until_complete(asyncio.sleep(0))
