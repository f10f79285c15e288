"""Both samples of the article that the product began with, as people paste them; not a letter is changed."""

# ruff: noqa: W291, W293

TUNED = r'''import tensorflow as tf
from kerastuner import HyperModel
from kerastuner.tuners import RandomSearch

class MyHyperModel(HyperModel):
  def __init__(self, num_classes):
    self.num_classes = num_classes

  def build(self, hp):
    model = tf.keras.Sequential([
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(units=hp.Int('units', min_value=32, max_value=512, step=32), activation='relu'),
        tf.keras.layers.Dropout(rate=hp.Float('dropout', min_value=0.0, max_value=0.5, default=0.2, step=0.1)),
        tf.keras.layers.Dense(units=self.num_classes, activation='softmax')
    ])

    model.compile(optimizer=tf.keras.optimizers.Adam(
              hp.Choice('learning_rate', values=[1e-2, 1e-3, 1e-4])),
                  loss='categorical_crossentropy', metrics=['accuracy'])
    
    return model


train_data, test_data, train_labels, test_labels = load_data() #加载数据

tuner = RandomSearch(
    hypermodel=MyHyperModel(num_classes=10),
    objective='val_accuracy',
    max_trials=10,
    executions_per_trial=3,
    directory='test_dir',
    project_name='helloworld'
)

tuner.search_space_summary()   #打印超参数搜索空间摘要

tuner.search(x=train_data, y=train_labels, epochs=30, validation_split=0.2, verbose=0)    #搜索超参数组合

best_hps = tuner.get_best_hyperparameters()[0]     #获取搜索出的最佳超参数组合

print(f"""
The hyperparameter search is complete. The optimal number of units in the first dense layer is {best_hps.values['units']}, 
the dropout rate is {best_hps.values['dropout']}, and the learning rate is {best_hps.values['learning_rate']}.""")

'''

PLAIN = r"""import tensorflow as tf
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense, Dropout, Flatten
from tensorflow.keras.optimizers import Adam

def create_model():
    model = Sequential()
    model.add(Dense(units=32, activation='relu', input_shape=(784,)))
    model.add(Dropout(rate=0.2))
    model.add(Dense(units=10, activation='softmax'))

    model.compile(loss='sparse_categorical_crossentropy', optimizer=Adam())
    return model

def train_and_evaluate(model, x_train, y_train, x_test, y_test):
    history = model.fit(x_train, y_train, batch_size=128, epochs=10, validation_data=(x_test, y_test))
    scores = model.evaluate(x_test, y_test, verbose=0)
    print('Test loss:', scores[0])
    print('Test accuracy:', scores[1])
    
if __name__ == '__main__':
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    x_train = x_train.reshape((60000, 784)).astype('float32') / 255.0
    x_test = x_test.reshape((10000, 784)).astype('float32') / 255.0

    model = create_model()
    train_and_evaluate(model, x_train, y_train, x_test, y_test)
"""
